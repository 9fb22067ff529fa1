const BLOCK_LENGTH = 1_000

/**
 * Where in `text` the character begins that `read(text)[index]` was made of. Asked for a match only, so nothing is kept per
 * character. Reads the text once more, in blocks that are read alike alone and in their place.
 */
export function locate(text: string, read: (text: string) => string, index: number): number {
  let start = 0
  let left = index
  for (;;) {
    const end = nextLetter(text, start + BLOCK_LENGTH)
    const block = text.slice(start, end)
    const { length } = read(block)
    if (length > left || end === text.length) return start + locateByHalving(block, read, left)
    start = end
    left -= length
  }
}

/** A letter that never merges with what stands before it, as a mark or the second half of a Hangul syllable would. */
function nextLetter(text: string, from: number): number {
  const offset = text.slice(from).search(/(?![\u115f-\u11ff\u3164\uffa0-\uffdc])[!-~\p{Lu}\p{Ll}\p{Lo}]/u)
  return offset < 0 ? text.length : from + offset
}

/** The longest beginning that is read as no more than `index` characters ends there: a longer one is never read as less. */
function locateByHalving(text: string, read: (text: string) => string, index: number): number {
  let low = 0
  let high = text.length
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (read(text.slice(0, middle)).length <= index) low = middle
    else high = middle - 1
  }
  return startOfCodePoint(text, low)
}

/** Half a surrogate pair is read as nothing, or as a space. A beginning that ends between the two is one that ends before them. */
function startOfCodePoint(text: string, index: number): number {
  return (text.codePointAt(index - 1) ?? 0) > 0xffff ? index - 1 : index
}
