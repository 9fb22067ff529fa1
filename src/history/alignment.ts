/** A place in each of two lists. */
export type Pair = readonly [a: number, b: number]

/** Beyond so many edits a search takes the best way so far and begins anew: it stays linear when two lists have little in common. */
const MAX_EDITS = 1_000

/**
 * Which items of two lists are the same, in order: as many as there are, or nearly so. After E. W. Myers, "An O(ND) Difference
 * Algorithm and Its Variations" (1986).
 */
export function align(a: readonly unknown[], b: readonly unknown[]): Pair[] {
  // What only one side has cannot be paired, and would cost the search an edit each.
  const ofA = indicesOf(a, new Set(b))
  const ofB = indicesOf(b, new Set(a))
  const keysA = ofA.map((index) => a[index])
  const keysB = ofB.map((index) => b[index])
  return alignShared(keysA, keysB).map(([x, y]) => [at(ofA, x), at(ofB, y)])
}

function alignShared(a: readonly unknown[], b: readonly unknown[]): Pair[] {
  const ending = commonEnding(a, b)
  const [endA, endB] = [a.length - ending, b.length - ending]
  const pairs: Pair[] = []
  let from: Pair = [0, 0]
  while (from[0] < endA && from[1] < endB) {
    const found = search(a.slice(from[0], endA), b.slice(from[1], endB))
    for (const [x, y] of found.pairs) pairs.push([from[0] + x, from[1] + y])
    from = [from[0] + found.end[0], from[1] + found.end[1]]
  }
  for (let index = 0; index < ending; index += 1) pairs.push([endA + index, endB + index])
  return pairs
}

function commonEnding(a: readonly unknown[], b: readonly unknown[]): number {
  const shorter = Math.min(a.length, b.length)
  let length = 0
  while (length < shorter && a[a.length - 1 - length] === b[b.length - 1 - length]) length += 1
  return length
}

function indicesOf(list: readonly unknown[], others: ReadonlySet<unknown>): number[] {
  return list.flatMap((item, index) => (others.has(item) ? [index] : []))
}

interface Found {
  readonly pairs: readonly Pair[]
  /** Up to where. */
  readonly end: Pair
}

/** How far each diagonal (x - y) got with so many edits, edit by edit. Diagonal 0 is in the middle. */
type Trace = readonly number[][]

function search(a: readonly unknown[], b: readonly unknown[]): Found {
  const trace: number[][] = []
  const limit = Math.min(a.length + b.length, MAX_EDITS)
  for (let edits = 0; edits <= limit; edits += 1) {
    const reached: number[] = []
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = startOf(trace, edits, diagonal)
      while (x < a.length && x - diagonal < b.length && a[x] === b[x - diagonal]) x += 1
      reached[diagonal + edits] = x
      if (x >= a.length && x - diagonal >= b.length) {
        return { pairs: retrace([...trace, reached], edits, diagonal), end: [a.length, b.length] }
      }
    }
    trace.push(reached)
  }
  return furthest(trace, a.length, b.length)
}

/** Where a way with so many edits enters a diagonal: by leaving out an item of `a`, or by putting in one of `b`. */
function startOf(trace: Trace, edits: number, diagonal: number): number {
  if (edits === 0) return 0
  const leftOut = reach(trace, edits - 1, diagonal - 1) + 1
  const putIn = reach(trace, edits - 1, diagonal + 1)
  return Math.max(leftOut, putIn)
}

function reach(trace: Trace, edits: number, diagonal: number): number {
  return trace[edits]?.[diagonal + edits] ?? -1
}

function furthest(trace: Trace, lengthA: number, lengthB: number): Found {
  const edits = trace.length - 1
  let best: Pair = [0, 0]
  for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
    const x = reach(trace, edits, diagonal)
    const y = x - diagonal
    if (x <= lengthA && y <= lengthB && x + y > best[0] + best[1]) best = [x, y]
  }
  return { pairs: retrace(trace, edits, best[0] - best[1]), end: best }
}

/** The pairs on the way to where a diagonal got. */
function retrace(trace: Trace, edits: number, diagonal: number): Pair[] {
  const pairs: Pair[] = []
  for (let left = edits; left >= 0; left -= 1) {
    const from = startOf(trace, left, diagonal)
    for (let x = reach(trace, left, diagonal) - 1; x >= from; x -= 1) pairs.push([x, x - diagonal])
    const cameByLeavingOut = reach(trace, left - 1, diagonal - 1) + 1 === from && left > 0
    diagonal += cameByLeavingOut ? -1 : 1
  }
  return pairs.reverse()
}

function at(list: readonly number[], index: number): number {
  return list[index] ?? -1
}
