/**
 * How long the other side asks to wait, in milliseconds, where the error carries it: as a `retry-after-ms` header, or as
 * `Retry-After` (RFC 9110, section 10.2.3) in seconds or as a date. Headers are looked for on the error, on its `response` and on
 * its causes. `undefined`: it does not say.
 *
 * @param now - Unix ms.
 */
export function retryAfterMs(error: unknown, now: number): number | undefined {
  let node = error
  for (let depth = 0; depth < MAX_CAUSES && typeof node === 'object' && node !== null; depth += 1) {
    const { headers, response, cause } = node as {
      headers?: unknown
      response?: { headers?: unknown }
      cause?: unknown
    }
    const ms = readHeaders(headers, now) ?? readHeaders(response?.headers, now)
    if (ms !== undefined) return ms
    node = cause
  }
  return undefined
}

const MAX_CAUSES = 10

function readHeaders(headers: unknown, now: number): number | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined
  const ms = Number(header(headers, 'retry-after-ms') ?? NaN)
  if (Number.isFinite(ms) && ms >= 0) return ms
  const after = header(headers, 'retry-after')
  if (after === undefined) return undefined
  const seconds = Number(after)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const at = Date.parse(after)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}

/** From a `Headers` object, or from a plain one whose names may be in any case. */
function header(headers: object, name: string): string | undefined {
  const { get } = headers as { get?: unknown }
  const value: unknown =
    typeof get === 'function'
      ? (get as (name: string) => unknown).call(headers, name)
      : Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}
