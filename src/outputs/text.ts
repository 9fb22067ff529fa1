import type { Json } from '../../slices/rules/json.js'
import { invalidOutput } from './outputInvalidError.js'

/** @throws {OutputInvalidError} `raw` is not a string. */
export function textOf(output: string, raw: unknown): string {
  if (typeof raw === 'string') return raw
  throw invalidOutput(output, raw, 'is not a string')
}

/** @throws {OutputInvalidError} The text is not JSON. What the parser says about it would quote it. */
export function parseJsonText(output: string, text: string, stripFences: boolean): Json {
  try {
    return JSON.parse(stripFences ? withoutFence(text) : text) as Json
  } catch {
    throw invalidOutput(output, text, 'is not valid JSON')
  }
}

/**
 * The lines between the backticks that a text begins with and ends with; the last line of backticks may be missing. A text that
 * begins with anything else stays as it is. Only line feeds and carriage returns end a line: U+2028 may stand in a JSON string.
 */
function withoutFence(text: string): string {
  const trimmed = text.trim()
  if (!trimmed.startsWith('```')) return text
  const [, ...lines] = trimmed.split(/\r\n|[\n\r]/)
  if (lines.length === 0) return text
  return (lines.at(-1) === '```' ? lines.slice(0, -1) : lines).join('\n')
}
