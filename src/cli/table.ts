import stringWidth from 'string-width'
import { plain } from './text.js'

export interface Column {
  readonly title: string
  /** Default: to the left. */
  readonly align?: 'right'
}

export type Paint = (text: string) => string

/** What stands in a cell. Escaped before it is painted. */
export type Cell = string | number | { readonly text: string; readonly paint: Paint }

const GAP = '  '

/** A table without lines: a head, and a line a row. Columns are as wide as what is in them. */
export function tableLines(columns: readonly Column[], rows: readonly (readonly Cell[])[], head: Paint): string[] {
  const titles = columns.map(({ title }) => ({ text: title, paint: head }))
  const cells = [titles, ...rows].map((row) => row.map(drawn))
  const widths = columns.map((_, index) => cells.reduce((widest, row) => Math.max(widest, row[index]?.width ?? 0), 0))
  return cells.map((row) =>
    row
      .map((cell, index) => padded(cell, widths[index] ?? 0, columns[index]))
      .join(GAP)
      .trimEnd(),
  )
}

interface Drawn {
  readonly text: string
  readonly width: number
}

function drawn(cell: Cell): Drawn {
  const isPainted = typeof cell === 'object'
  const text = plain(String(isPainted ? cell.text : cell))
  return { text: isPainted ? cell.paint(text) : text, width: widthOf(text) }
}

function padded({ text, width }: Drawn, widest: number, column: Column | undefined): string {
  const space = ' '.repeat(widest - width)
  return column?.align === 'right' ? space + text : text + space
}

/** Looking at each character's width costs far more than most texts need. */
export function widthOf(text: string): number {
  return /^[ -~]*$/.test(text) ? text.length : stringWidth(text)
}
