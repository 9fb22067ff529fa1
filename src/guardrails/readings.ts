import { foldLookAlikes } from './lookAlikes.js'
import { locate } from './positions.js'

/** One way in which a text may be read. */
interface Reading {
  readonly text: string
  /** Where in the original text the character at `index` of this reading begins. */
  positionOf(index: number): number
}

/**
 * The readings of a text that differ: first the text itself, then with what hides words undone. A few passes over the text,
 * one over plain ASCII.
 */
export function* readingsOf(text: string): Generator<Reading, void> {
  yield { text, positionOf: (index) => index }
  if (isPlain(text)) return
  const known = new Set([text])
  for (const read of isAllVisible(text) ? [asSeen] : [asSeen, asSpelledOut]) {
    const plain = read(text)
    // Folded second: a pattern may itself be written in Cyrillic or Greek. Folding keeps the length, and so the positions.
    for (const reading of [plain, foldLookAlikes(plain)]) {
      if (known.has(reading)) continue
      known.add(reading)
      yield { text: reading, positionOf: (index) => locate(text, read, index) }
    }
  }
}

function isPlain(text: string): boolean {
  return !/[^ -~]| {2}/.test(text)
}

function isAllVisible(text: string): boolean {
  return !hidden('u').test(text)
}

/** What a person sees: nothing of the characters that are not shown. */
function asSeen(text: string): string {
  return tidy(text.replace(hidden('gu'), ''))
}

/**
 * What a model may make of the characters that are not shown: tag characters (U+E0020 to U+E007E) spell ASCII, and a
 * zero-width space still parts two words.
 */
function asSpelledOut(text: string): string {
  const spelled = text.replace(hidden('gu'), (character) => {
    const ascii = (character.codePointAt(0) ?? 0) - 0xe0000
    return ascii >= 0x20 && ascii <= 0x7e ? String.fromCharCode(ascii) : ' '
  })
  return tidy(spelled)
}

/** Zero-width, soft, directional, variation and tag characters; controls that are not white space; halves of a pair. */
function hidden(flags: 'u' | 'gu'): RegExp {
  return new RegExp(String.raw`[\p{Default_Ignorable_Code_Point}\p{Cs}\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]`, flags)
}

/**
 * One space for any white space, one form for each letter: full-width, mathematical and circled letters become plain ones.
 * No more than 30 marks stay on a letter, because normalising sorts them in quadratic time.
 */
function tidy(text: string): string {
  return text
    .replace(/[\s\x85\u2800]+/g, ' ')
    .replace(/(?<=[\p{M}\uff9e\uff9f]{30})[\p{M}\uff9e\uff9f]{1,1000}/gu, '')
    .normalize('NFKC')
}
