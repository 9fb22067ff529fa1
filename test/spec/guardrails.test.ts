import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createPatternGuardrail } from '../../src/index.js'

const rule = /^\*\*GUARD-12\*\* (.*)$/m.exec(readFileSync('SPEC.md', 'utf8'))?.[1] ?? ''

/** Each Latin letter, and the letters that are read as it. */
const lookAlikes = [...rule.matchAll(/`([A-Za-z])`((?: [0-9A-F]{4})+)/g)].map(
  ([, latin = '', codes = '']) => [latin, codes.trim().split(' ')] as const,
)

describe('a letter that looks like a Latin one', () => {
  // Of three letters: what is read as `b` in upper case is not what is read as `B`, and patterns ignore case.
  const read = (text: string, latin: string) =>
    createPatternGuardrail({ patterns: [`x${latin}x`], stages: ['post'] }).check({
      ...{ stage: 'post', kind: 'tool', role: 'writer', name: 'search', input: undefined },
      value: `x${text}x`,
    })

  it.each(lookAlikes)('%s is found under its disguises %s [GUARD-12]', (latin, codes) => {
    for (const code of codes) {
      const disguise = String.fromCodePoint(parseInt(code, 16))
      expect(disguise.normalize('NFKC')).toBe(disguise)
      expect(read(disguise, latin), code).toMatchObject({ allowed: false, match: { matched: `x${latin}x` } })
    }
  })

  it('is one of those that are listed [GUARD-12]', async () => {
    expect(lookAlikes.length).toBeGreaterThan(45)
    const listed = new Set(lookAlikes.flatMap(([, codes]) => codes))
    const letters = Array.from({ length: 0x586 - 0x131 }, (_, index) => String.fromCodePoint(0x131 + index))
    const anyLatin = createPatternGuardrail({ patterns: ['^[a-zA-Z]$'], stages: ['post'] })
    const isRead = async (letter: string) => {
      const about = { stage: 'post', kind: 'tool', role: 'writer', name: 'search', input: undefined } as const
      return !(await anyLatin.check({ ...about, value: letter })).allowed
    }
    const read = await Promise.all(letters.map(isRead))
    const found = letters.filter((letter, index) => read[index] && letter.normalize('NFKC') === letter)
    const codes = found.map((letter) => letter.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0'))
    expect(codes.filter((code) => !listed.has(code))).toEqual([])
  })
})
