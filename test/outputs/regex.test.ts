import { describe, expect, it } from 'vitest'
import { regexOutput } from '../../src/index.js'

const raw = String.raw

describe('a regex output', () => {
  it('gives the named groups that took part in the first match [OUT-4]', async () => {
    const spec = regexOutput(raw`score: (?<score>\d+)(?:/(?<max>\d+))?`)
    expect(await spec.parse('score: 7/10, score: 9')).toEqual({ score: '7', max: '10' })
    expect(await spec.parse('the score: 9')).toEqual({ score: '9' })
    expect(await regexOutput('(un)named').parse('unnamed')).toEqual({})
  })

  it('keeps a group that matched nothing but took part', async () => {
    expect(await regexOutput('<(?<inner>.*)>').parse('<>')).toEqual({ inner: '' })
  })

  it('rejects a text in which nothing matches, and what is not a text', () => {
    const spec = regexOutput('yes|no')
    expect(() => spec.parse('maybe')).toThrow(
      expect.objectContaining({
        code: 'output_invalid',
        message: "output 'regex' does not match /yes|no/",
        issues: [{ message: 'does not match /yes|no/' }],
        raw: 'maybe',
      }),
    )
    for (const notText of [undefined, null, 5, ['yes']]) {
      expect(() => spec.parse(notText)).toThrow(expect.objectContaining({ issues: [{ message: 'is not a string' }] }))
    }
  })

  it('matches all of the text with fullMatch, in each of its alternatives and whatever its flags [OUT-4]', async () => {
    const spec = regexOutput(/yes|(?<no>no+)/im, { fullMatch: true })
    expect(await spec.parse('NOOO')).toEqual({ no: 'NOOO' })
    for (const text of ['yes!', 'oh no', 'yes\nno', 'yes\n', '']) {
      expect(() => spec.parse(text)).toThrow(expect.objectContaining({ code: 'output_invalid' }))
    }
    expect(await regexOutput('a|ab', { fullMatch: true }).parse('ab')).toEqual({})
    expect(() => regexOutput('a|ab', { fullMatch: true }).parse('abc')).toThrow(
      "output 'regex' does not match /a|ab/ from its beginning to its end",
    )
  })

  it('tells upper from lower case unless its flags say otherwise [OUT-4]', async () => {
    expect(() => regexOutput('yes').parse('YES')).toThrow(expect.objectContaining({ code: 'output_invalid' }))
    expect(await regexOutput(/yes/i).parse('YES')).toEqual({})
  })

  it('gives the same answer each time, even for a global or sticky expression', async () => {
    for (const pattern of [/(?<digit>\d)/g, /(?<digit>\d)/y]) {
      const spec = regexOutput(pattern)
      expect([await spec.parse('1'), await spec.parse('1')]).toEqual([{ digit: '1' }, { digit: '1' }])
      expect(await spec.parse('x2')).toEqual({ digit: '2' })
    }
  })

  it('counts its groups as they are written, with fullMatch too', async () => {
    const spec = regexOutput(raw`(a|b)(?<rest>.)\1`, { fullMatch: true })
    expect(await spec.parse('bxb')).toEqual({ rest: 'x' })
    expect(() => spec.parse('axb')).toThrow(expect.objectContaining({ code: 'output_invalid' }))
  })

  it.each<[string, unknown, object?]>([
    ['pattern', ''],
    ['pattern', new RegExp('')],
    ['pattern', '(?<open'],
    ['pattern', 'a)|(?:b', { fullMatch: true }],
    ['pattern', 5],
    ['fullMatch', 'a', { fullMatch: 1 }],
    ['name', 'a', { name: '' }],
    ['flags', 'a', { flags: 'i' }],
  ])('names %s when that is not usable', (field, pattern, options) => {
    expect(() => regexOutput(pattern as string, options)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field }),
    )
  })
})
