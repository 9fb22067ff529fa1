import type { KeyboardEvent } from 'react'
import type { TreeRow } from './treeRows.js'

interface Options {
  readonly rows: readonly TreeRow[]
  /** Of the row that the keys act on. -1: none yet. */
  readonly index: number
  readonly onMove: (path: string) => void
  readonly onToggle: (path: string, open: boolean) => void
}

/** The keys of a tree: up, down, Home and End move; right opens or goes in; left closes or goes out; Enter and space do either. */
export function useTreeKeys({ rows, index, onMove, onToggle }: Options) {
  const move = (to: number) => {
    const row = rows[Math.min(Math.max(to, 0), rows.length - 1)]
    if (row) onMove(row.path)
  }

  const onKey = (key: string, row: TreeRow | undefined): boolean => {
    if (key === 'Home') move(0)
    else if (key === 'End') move(rows.length - 1)
    else if (key === 'ArrowDown') move(index + 1)
    else if (key === 'ArrowUp') move(index - 1)
    else if (key === 'PageDown') move(index + PAGE)
    else if (key === 'PageUp') move(index - PAGE)
    else if (!row) return false
    else if (key === 'ArrowRight' && row.isOpen) move(index + 1)
    else if (key === 'ArrowRight' && row.isBranch) onToggle(row.path, true)
    else if (key === 'ArrowLeft' && row.isOpen) onToggle(row.path, false)
    else if (key === 'ArrowLeft') move(parentOf(rows, index))
    else if ((key === 'Enter' || key === ' ') && row.isBranch) onToggle(row.path, !row.isOpen)
    else return false
    return true
  }

  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.shiftKey || event.altKey || event.ctrlKey || event.metaKey) return
    if (onKey(event.key, rows[index])) event.preventDefault()
  }
}

const PAGE = 12

function parentOf(rows: readonly TreeRow[], index: number): number {
  const level = rows[index]?.level ?? 1
  let at = index
  while (at > 0 && (rows[at]?.level ?? 1) >= level) at -= 1
  return level === 1 ? index : at
}
