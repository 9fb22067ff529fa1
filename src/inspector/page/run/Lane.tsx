import type { ReactNode } from 'react'
import { Icon, type IconName } from '../parts/Icon.js'

interface Props {
  readonly icon: IconName
  readonly name: string
  /** How it stands at the current fact. */
  readonly value: string
  /** What the lane shows, in words. */
  readonly label: string
  /** The place of the current fact. */
  readonly now: number
  readonly children: ReactNode
}

/** A strip below the waterfall that shares its scale. */
export function Lane({ icon, name, value, label, now, children }: Props) {
  return (
    <div className="lane">
      <div className="span-name lane-name">
        <Icon name={icon} />
        <span className="cut" title={name}>
          {name}
        </span>
        <strong className="lane-value">{value}</strong>
      </div>
      <div className="track" role="img" aria-label={label}>
        {children}
        <span className="now" style={{ left: `${now * 100}%` }} />
      </div>
    </div>
  )
}
