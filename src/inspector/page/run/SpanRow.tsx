import { memo } from 'react'
import type { Span } from '../../model/index.js'
import { formatCost, words } from '../format.js'
import { Icon } from '../parts/Icon.js'
import { SpanBar } from './SpanBar.js'
import type { Scale } from './scale.js'
import { KINDS, spanLabel, STATUSES } from './spanLook.js'

interface Props {
  readonly id: string
  readonly index: number
  readonly count: number
  readonly span: Span
  readonly height: number
  readonly transform: string
  readonly scale: Scale
  readonly now: number
  readonly isSelected: boolean
  readonly onSelect: (index: number) => void
}

export const SpanRow = memo(function SpanRow(props: Props) {
  const { id, index, count, span, height, transform, scale, now, isSelected, onSelect } = props
  const { kind, status, label, detail, depth, costUsd } = span
  const look = KINDS[kind]
  return (
    <div
      id={id}
      role="option"
      className="span"
      aria-label={spanLabel(span)}
      aria-selected={isSelected}
      aria-posinset={index + 1}
      aria-setsize={count}
      data-kind={kind}
      data-status={status}
      style={{ height, transform }}
      onClick={() => onSelect(index)}
    >
      <div className="span-name" style={{ paddingLeft: depth * 14 + 12 }} title={spanLabel(span)}>
        <span className="span-kind" style={{ color: `var(${look.color})` }}>
          <Icon name={look.icon} />
        </span>
        <span className="cut">{kind === 'recovery' ? words(label) : label}</span>
        <span className={`status ${STATUSES[status].tone}`}>
          <Icon name={STATUSES[status].icon} label={words(status)} />
        </span>
      </div>
      <span className="span-cost">{costUsd ? formatCost(costUsd) : ''}</span>
      <div className="track">
        <SpanBar span={span} scale={scale} note={detail} />
        <span className="now" style={{ left: `${now * 100}%` }} />
      </div>
    </div>
  )
})
