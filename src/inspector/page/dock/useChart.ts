import { useEffect, useRef, type RefObject } from 'react'
import uPlot from 'uplot'
import { useColorsVersion } from '../store/theme.js'
import type { ChartData } from './chartData.js'
import { chartOptions } from './chartOptions.js'

interface Options {
  readonly host: RefObject<HTMLDivElement | null>
  readonly data: ChartData
  /** Where the line of the current fact is. */
  readonly place: number
  /** By a click. */
  readonly onPick: (place: number) => void
}

/** Draws the chart anew when its data, its colours or its size change; moving through facts only moves a line. */
export function useChart({ host, data, place, onPick }: Options): void {
  const chart = useRef<{ plot: uPlot; line: HTMLElement } | null>(null)
  const colors = useColorsVersion()
  const current = useRef(place)

  useEffect(() => {
    const element = host.current
    if (!element) return
    const plot = new uPlot(chartOptions(element, data), alignedData(data), element)
    const line = document.createElement('div')
    line.className = 'chart-now'
    plot.over.append(line)
    chart.current = { plot, line }
    moveLine(plot, line, current.current)
    const pick = ({ offsetX }: MouseEvent) => onPick(plot.posToVal(offsetX, 'x'))
    plot.over.addEventListener('click', pick)
    const sizes = new ResizeObserver(() => {
      plot.setSize({ width: element.clientWidth, height: element.clientHeight })
      moveLine(plot, line, current.current)
    })
    sizes.observe(element)
    return () => {
      sizes.disconnect()
      plot.destroy()
      chart.current = null
    }
  }, [host, data, colors, onPick])

  useEffect(() => {
    current.current = place
    if (chart.current) moveLine(chart.current.plot, chart.current.line, place)
  }, [place])
}

function alignedData({ places, lines }: ChartData): uPlot.AlignedData {
  return [[...places], ...lines.map(({ usd }) => [...usd])]
}

function moveLine(plot: uPlot, line: HTMLElement, place: number): void {
  line.dataset['place'] = String(place)
  line.style.transform = `translateX(${plot.valToPos(place, 'x')}px)`
}
