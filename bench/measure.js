// @ts-check

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

const BREATH = 100

/**
 * Microseconds that one call of `once` takes, on average over `times` calls in a row. Between every hundred of them the program goes
 * back to the event loop, as any program that waits for a model does; that is not counted. A loop that never leaves the
 * microtasks keeps its garbage alive and measures the collector.
 *
 * @param {number} times
 * @param {(index: number) => unknown} once
 */
export async function microseconds(times, once) {
  let elapsedMs = 0
  for (let done = 0; done < times; done += BREATH) {
    await new Promise((resolve) => setImmediate(resolve))
    const start = performance.now()
    for (let index = done; index < Math.min(times, done + BREATH); index += 1) await once(index)
    elapsedMs += performance.now() - start
  }
  return (elapsedMs * 1_000) / times
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
