import type { Tick } from './scale.js'

/** Of the scale: decoration, because rows tell their times too. */
export function TimeAxis({ ticks }: { readonly ticks: readonly Tick[] }) {
  return (
    <div className="axis" aria-hidden>
      <span className="axis-label">What</span>
      <div className="axis-track">
        {ticks.map(({ place, label }) => (
          <span key={label} className="tick" style={{ left: `${place * 100}%` }}>
            {label}
          </span>
        ))}
      </div>
    </div>
  )
}
