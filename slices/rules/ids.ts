/** The number at the end of an id that the runtime minted: 17 of `session-17`. -1 for anything else. */
export function numberOf(id: string): number {
  let value = 0
  let unit = 1
  for (let index = id.length - 1; index >= 0; index -= 1) {
    const digit = id.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return unit > 1 && id[index] === '-' ? value : -1
    value += digit * unit
    unit *= 10
  }
  return -1
}
