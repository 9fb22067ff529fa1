import type { KeyboardEvent } from 'react'
import { useRun } from '../data/logs.js'
import { useSeq, useSteps } from '../data/position.js'
import { useMove } from './useMove.js'

/** The slider that moves through facts. */
export function FactSlider() {
  const run = useRun()
  const seq = useSeq()
  const steps = useSteps()
  const { to, by } = useMove(steps)
  const page = Math.max(10, Math.round(steps.count / 20))

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.shiftKey) return // moves it from everywhere
    if (event.key === 'PageUp') by(page)
    else if (event.key === 'PageDown') by(-page)
    else if (event.key === 'ArrowRight' || event.key === 'ArrowUp') by(1)
    else if (event.key === 'ArrowLeft' || event.key === 'ArrowDown') by(-1)
    else return
    event.preventDefault()
  }

  return (
    <input
      className="slider"
      type="range"
      aria-label="Fact"
      min={0}
      max={steps.count}
      step={1}
      value={steps.placeOf(seq)}
      aria-valuetext={seq === 0 ? 'before the first fact' : `fact ${seq}: ${run.describe(seq)}`}
      onChange={(event) => to(Number(event.target.value))}
      onKeyDown={onKeyDown}
    />
  )
}
