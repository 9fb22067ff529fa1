// @ts-check

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/**
 * Microseconds that one call of `once` takes, on average over `times` calls in a row.
 *
 * @param {number} times
 * @param {(index: number) => unknown} once
 */
export async function microseconds(times, once) {
  const start = performance.now()
  for (let index = 0; index < times; index += 1) await once(index)
  return ((performance.now() - start) * 1_000) / times
}

/**
 * The median of several rounds of several measurements. The measurements take turns, so that a slow moment of the machine falls on
 * all of them. The first round is a warm-up.
 *
 * @template {string} Name
 * @param {number} rounds
 * @param {Record<Name, () => Promise<number>>} measurements
 * @returns {Promise<Record<Name, number>>}
 */
export async function medians(rounds, measurements) {
  const names = /** @type {Name[]} */ (Object.keys(measurements))
  /** @type {Record<string, number[]>} */
  const values = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const name of names) {
      const value = await measurements[name]()
      if (round > 0) values[name]?.push(value)
    }
  }
  return /** @type {Record<Name, number>} */ (
    Object.fromEntries(names.map((name) => [name, median(values[name] ?? [])]))
  )
}
