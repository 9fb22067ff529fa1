import type { KeyboardEvent } from 'react'

interface Options {
  readonly count: number
  /** -1: none is selected. */
  readonly selected: number
  /** How many rows fit: what Page Up and Page Down move by. */
  readonly page: number
  readonly onSelect: (index: number) => void
  /** By Enter. */
  readonly onOpen?: ((index: number) => void) | undefined
}

/** The keys of a list that holds the focus itself: arrows, Page Up and Down, Home, End and Enter. */
export function useRowKeys({ count, selected, page, onSelect, onOpen }: Options) {
  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.target !== event.currentTarget || count === 0 || event.shiftKey || event.altKey || event.metaKey) return
    if (event.key === 'Enter' && selected >= 0 && onOpen) {
      event.preventDefault()
      return onOpen(selected)
    }
    const target = targetOf(event.key, selected, page, count)
    if (target === undefined) return
    event.preventDefault()
    onSelect(Math.min(Math.max(target, 0), count - 1))
  }
}

function targetOf(key: string, selected: number, page: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
      return selected + 1
    case 'ArrowUp':
      return selected - 1
    case 'PageDown':
      return selected + page
    case 'PageUp':
      return selected - page
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
