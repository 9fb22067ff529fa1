import Table from 'cli-table3'

export type Cell = string | number

/** A table without lines between its rows. What is a number is set to the right. */
export function drawTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const noLines = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' }
  const table = new Table({ chars: noLines, style: { head: [], border: [] } })
  table.push([...head], ...rows.map((row) => row.map(toCell)))
  return table.toString()
}

function toCell(content: Cell) {
  const isNumber = /^[-+]?\$?[\d.,]+( ms)?$/.test(String(content))
  return { content, hAlign: isNumber ? ('right' as const) : ('left' as const) }
}
