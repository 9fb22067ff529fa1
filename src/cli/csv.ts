import { plain } from './text.js'

export type CsvValue = string | number | boolean | null

const FORMULA = /^[=+\-@]/

/**
 * One record after RFC 4180. `null` is an empty field. Text that a spreadsheet would take for a formula gets an apostrophe in
 * front, and control characters are escaped: a log is what somebody else wrote.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(field).join(',')}\r\n`
}

function field(value: CsvValue): string {
  if (typeof value !== 'string') return value === null ? '' : String(value)
  const text = plain(value)
  // A space does not keep a spreadsheet from calculating.
  const safe = FORMULA.test(text.trimStart()) ? `'${text}` : text
  return /[",]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
