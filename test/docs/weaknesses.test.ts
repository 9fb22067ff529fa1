import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Row {
  readonly number: number
  readonly cells: readonly string[]
  readonly tests: readonly { readonly file: string; readonly title: string }[]
}

const rows: readonly Row[] = readFileSync('docs/weaknesses.md', 'utf8')
  .split('\n')
  .filter((line) => /^\| +\d+ +\|/.test(line))
  .map((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const tests = [...(cells[3] ?? '').matchAll(/`([^`]+)`: “([^”]+)”/g)]
    return {
      number: Number(cells[0]),
      cells,
      tests: tests.map(([, file = '', title = '']) => ({ file, title })),
    }
  })

describe('the table of pitfalls', () => {
  it('has forty-four rows, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 44 }, (_, index) => index + 1))
  })

  it.each(rows)('says of number $number what is usual, what happens here, and which test shows it', (row) => {
    expect(row.cells).toHaveLength(4)
    for (const cell of row.cells) expect(cell).not.toBe('')
    expect(row.tests.length).toBeGreaterThan(0)
    for (const { file, title } of row.tests) {
      expect(existsSync(file), file).toBe(true)
      expect(hasTitle(file, title), `${file}: ${title}`).toBe(true)
    }
  })
})

/** Whether there is such a text in a file, with or without the rules of SPEC.md behind it. */
function hasTitle(file: string, title: string): boolean {
  const source = readFileSync(file, 'utf8')
  return ["'", '"', '`'].some((quote) => [quote, ' ['].some((end) => source.includes(`${quote}${title}${end}`)))
}
