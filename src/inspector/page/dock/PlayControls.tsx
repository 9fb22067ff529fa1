import { useEffect, useState } from 'react'
import { useSeq, useSteps } from '../data/position.js'
import { Icon, type IconName } from '../parts/Icon.js'
import { Segments } from '../parts/Segments.js'
import { usePageDispatch, useView } from '../store/store.js'
import { scopeChosen } from '../store/view.js'
import { SPEEDS, usePlay, type Speed } from './usePlay.js'
import { useMove } from './useMove.js'
import { useStepKeys } from './useStepKeys.js'

export function PlayControls() {
  const seq = useSeq()
  const steps = useSteps()
  const { scope, sessionId } = useView()
  const dispatch = usePageDispatch()
  const move = useMove(steps)
  const place = steps.placeOf(seq)
  const isAtEnd = place >= steps.count
  const [speed, setSpeed] = useState<Speed>('4')
  const { isPlaying, setPlaying } = usePlay(move.by, Number(speed))
  useStepKeys(move.by)
  useEffect(() => {
    if (isAtEnd) setPlaying(false)
  }, [isAtEnd, setPlaying])

  const play = () => {
    if (isAtEnd && !isPlaying) move.to(0)
    setPlaying(!isPlaying)
  }

  return (
    <div className="play" role="group" aria-label="Move through facts">
      <Step name="first" label="First fact" isOff={place === 0} onClick={() => move.to(0)} />
      <Step name="previous" label="Previous fact" isOff={place === 0} onClick={() => move.by(-1)} />
      <Step name={isPlaying ? 'pause' : 'play'} label={isPlaying ? 'Pause' : 'Play'} isOff={false} onClick={play} />
      <Step name="next" label="Next fact" isOff={isAtEnd} onClick={() => move.by(1)} />
      <Step name="last" label="Last fact" isOff={isAtEnd} onClick={() => move.to(steps.count)} />
      <label>
        <span className="hidden-text">Facts per second</span>
        <select className="field" value={speed} onChange={({ target }) => setSpeed(target.value as Speed)}>
          {SPEEDS.map((value) => (
            <option key={value} value={value}>{`${value}/s`}</option>
          ))}
        </select>
      </label>
      <Segments
        label="Facts of"
        options={[
          { value: 'log', label: 'Log' },
          { value: 'session', label: 'Session' },
        ]}
        value={sessionId === null ? 'log' : scope}
        onChange={(value) => dispatch(scopeChosen(value))}
      />
    </div>
  )
}

interface StepProps {
  readonly name: IconName
  readonly label: string
  readonly isOff: boolean
  readonly onClick: () => void
}

/** Keeps the focus where it is when there is nowhere further to go. */
function Step({ name, label, isOff, onClick }: StepProps) {
  return (
    <button
      type="button"
      className="button plain square"
      aria-label={label}
      title={label}
      aria-disabled={isOff}
      onClick={isOff ? undefined : onClick}
    >
      <Icon name={name} />
    </button>
  )
}
