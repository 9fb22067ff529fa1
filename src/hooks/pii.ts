interface Span {
  readonly start: number
  readonly end: number
}

/** The leftmost match that begins at `from` or later. */
type Find = (text: string, from: number) => Span | undefined

/*
 * What is taken for personal data, in the order in which it is tried where two begin at the same place. All in ASCII.
 *
 * Each takes time in proportion to the text: no two repetitions that accept the same character stand next to each other, and
 * a run is not tried again from each of its characters. Without {40,}: it makes V8 run out of stack on very long runs.
 */
const families: readonly Find[] = [
  // United States social security numbers.
  matching(/\b\d{3}-\d{2}-\d{4}\b/g),
  findEmailAddress,
  // Card numbers: 13 to 19 digits.
  matching(/\b\d(?:[ -]*\d){12,18}\b/g),
  // IPv4 addresses.
  matching(/\b\d{1,3}(?:\.\d{1,3}){3}\b/g),
  // Keys and tokens.
  matching(/\b[\w-]{40}[\w-]*\b/g),
]

/** `text` with everything that looks like personal data, or like a secret, replaced. */
export function redactText(text: string, replacement: string): string {
  const next = families.map((find) => find(text, 0))
  const kept: string[] = []
  let from = 0
  for (let first = leftmost(next); first; first = leftmost(next)) {
    kept.push(text.slice(from, first.start))
    from = first.end
    // A match that begins later stays the leftmost one of its family, and where there was none there is none now.
    for (const [index, find] of families.entries()) {
      const known = next[index]
      if (known && known.start < from) next[index] = find(text, from)
    }
  }
  return from === 0 ? text : [...kept, text.slice(from)].join(replacement)
}

/** The earlier family's where two begin together. */
function leftmost(spans: readonly (Span | undefined)[]): Span | undefined {
  let first: Span | undefined
  for (const span of spans) if (span && (!first || span.start < first.start)) first = span
  return first
}

function matching(pattern: RegExp): Find {
  return (text, from) => {
    pattern.lastIndex = from
    const found = pattern.exec(text)
    return found ? { start: found.index, end: pattern.lastIndex } : undefined
  }
}

/**
 * By way of the `@`: an expression that begins with the local part would try a long word without one again from each of its
 * characters.
 */
function findEmailAddress(text: string, from: number): Span | undefined {
  for (let at = text.indexOf('@', from); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = findLocalPart(text, from, at)
    const end = start === undefined ? undefined : findHostEnd(text, at + 1)
    if (start !== undefined && end !== undefined) return { start, end }
  }
  return undefined
}

/** Where the longest local part begins that ends before the `@`: at the first word boundary among its characters. */
function findLocalPart(text: string, from: number, at: number): number | undefined {
  let start = at
  while (start > from && /[\w.%+-]/.test(text.charAt(start - 1))) start -= 1
  while (start < at && isWord(text, start - 1) === isWord(text, start)) start += 1
  return start < at ? start : undefined
}

function findHostEnd(text: string, from: number): number | undefined {
  const host = /[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b/y
  host.lastIndex = from
  return host.test(text) ? host.lastIndex : undefined
}

function isWord(text: string, index: number): boolean {
  return /\w/.test(text.charAt(index))
}
