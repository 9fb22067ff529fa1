import type { KeyboardEvent, ReactNode } from 'react'

interface Tab<Id extends string> {
  readonly id: Id
  readonly label: string
  /** Shown beside the label. */
  readonly count?: number
}

interface Props<Id extends string> {
  /** What is chosen by them. */
  readonly label: string
  /** Ids of the tabs and their panels begin with it. */
  readonly name: string
  readonly tabs: readonly Tab<Id>[]
  readonly selected: Id
  readonly onSelect: (id: Id) => void
}

/** Tabs of which one can be reached by Tab, and the others from there by arrows, Home and End. */
export function Tabs<Id extends string>({ label, name, tabs, selected, onSelect }: Props<Id>) {
  const index = tabs.findIndex(({ id }) => id === selected)

  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = targetOf(event.key, index, tabs.length)
    const tab = target === undefined ? undefined : tabs[target]
    if (!tab) return
    event.preventDefault()
    onSelect(tab.id)
    event.currentTarget.querySelector<HTMLElement>(`#${CSS.escape(`${name}-tab-${tab.id}`)}`)?.focus()
  }

  return (
    <div className="tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map(({ id, label, count }) => (
        <button
          key={id}
          type="button"
          role="tab"
          className="tab"
          id={`${name}-tab-${id}`}
          aria-selected={id === selected}
          aria-controls={id === selected ? `${name}-panel-${id}` : undefined}
          tabIndex={id === selected ? 0 : -1}
          onClick={() => onSelect(id)}
        >
          {label}
          {count === undefined ? null : <span className="count">{count.toLocaleString('en')}</span>}
        </button>
      ))}
    </div>
  )
}

interface PanelProps {
  /** As of its tabs. */
  readonly name: string
  readonly id: string
  readonly className?: string
  readonly children: ReactNode
}

export function TabPanel({ name, id, className, children }: PanelProps) {
  return (
    <div role="tabpanel" id={`${name}-panel-${id}`} aria-labelledby={`${name}-tab-${id}`} className={className}>
      {children}
    </div>
  )
}

function targetOf(key: string, index: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
      return (index + 1) % count
    case 'ArrowLeft':
      return (index - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
