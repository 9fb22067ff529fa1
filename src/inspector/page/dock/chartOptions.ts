import uPlot from 'uplot'
import type { ChartData, Line } from './chartData.js'

/** The room of the amounts to the left of the chart. The slider begins below its end. */
const AXIS_WIDTH = 56

/** @param host - Where it is drawn: its size and its colours count. */
export function chartOptions(host: HTMLElement, { places, lines }: ChartData): uPlot.Options {
  const ink = colorOf(host, '--ink-3')
  const grid = { stroke: colorOf(host, '--line'), width: 1 }
  const font = `11px ${getComputedStyle(host).fontFamily}`
  return {
    width: host.clientWidth,
    height: host.clientHeight,
    padding: [6, 0, 6, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: false, range: [0, places.at(-1) ?? 1] },
      y: { range: (_, __, max) => [0, (max || 0.01) * 1.08] },
    },
    axes: [
      { show: false },
      { size: AXIS_WIDTH, stroke: ink, font, grid, ticks: { show: false }, values: (_, amounts) => dollars(amounts) },
    ],
    series: [{}, ...lines.map((line) => seriesOf(host, line))],
  }
}

function seriesOf(host: HTMLElement, { label, color, look }: Line): uPlot.Series {
  const stroke = colorOf(host, color)
  const stepped = uPlot.paths.stepped?.({ align: 1 })
  return {
    label,
    stroke,
    width: 1.5,
    points: { show: false },
    ...(stepped && { paths: stepped }),
    ...(look === 'area' && { fill: colorOf(host, color, 14) }),
    ...(look === 'dashed' && { dash: [5, 4] }),
  }
}

/** As many digits as tell the amounts of an axis apart. */
function dollars(amounts: readonly number[]): string[] {
  const step = Math.abs((amounts[1] ?? 1) - (amounts[0] ?? 0))
  const digits = step >= 1 ? 0 : Math.min(6, Math.max(2, Math.ceil(-Math.log10(step))))
  return amounts.map((amount) => `$${amount.toFixed(digits)}`)
}

/** The colour that a custom property has now, as a canvas understands it. */
function colorOf(host: HTMLElement, property: string, percent = 100): string {
  const probe = document.createElement('span')
  probe.style.color = `color-mix(in srgb, var(${property}) ${percent}%, transparent)`
  host.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
