import { readField, tryRead } from '../slices/rules/errors.js'

/**
 * How long the other side asks to wait, in milliseconds, where the error carries it: as a `retry-after-ms` header, or as
 * `Retry-After` (RFC 9110, section 10.2.3) in seconds or as a date. Headers are looked for where SDKs and HTTP clients put them:
 * on the error, on its response, and on its causes. `undefined`: it does not say. Never throws, whatever was thrown.
 *
 * @param now - Unix ms.
 */
export function retryAfterMs(error: unknown, now: number): number | undefined {
  let node = error
  for (let depth = 0; depth < MAX_CAUSES && isObject(node); depth += 1) {
    for (const headers of headersOf(node)) {
      const ms = isObject(headers) ? tryRead(() => readHeaders(headers, now)) : undefined
      if (ms !== undefined) return ms
    }
    node = readField(node, 'cause') ?? readField(node, 'lastError')
  }
  return undefined
}

const MAX_CAUSES = 10

/** `responseHeaders` and `lastError`: of the AI SDK; `$response`: of AWS. */
function headersOf(node: object): readonly unknown[] {
  const responses = [readField(node, 'response'), readField(node, '$response')].filter(isObject)
  return [
    readField(node, 'headers'),
    readField(node, 'responseHeaders'),
    ...responses.map((response) => readField(response, 'headers')),
  ]
}

function readHeaders(headers: object, now: number): number | undefined {
  const ms = parseNumber(header(headers, 'retry-after-ms'))
  if (ms !== undefined) return ms
  const after = header(headers, 'retry-after')
  const seconds = parseNumber(after)
  return seconds === undefined ? parseDate(after, now) : seconds * 1_000
}

function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined
}

/** Of the three forms of dates in HTTP, all begin with a day of the week and mean GMT. */
function parseDate(text: string | undefined, now: number): number | undefined {
  if (text === undefined || !/^(mon|tue|wed|thu|fri|sat|sun)/i.test(text)) return undefined
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** From a `Headers` object, or from a plain one whose names may be in any case and whose values may be lists. */
function header(headers: object, name: string): string | undefined {
  const get = readField(headers, 'get')
  const found: unknown =
    typeof get === 'function'
      ? (get as (name: string) => unknown).call(headers, name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  const value: unknown = Array.isArray(found) ? found[0] : found
  return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : undefined
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
