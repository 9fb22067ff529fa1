import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonOutput, type JsonOutputOptions } from '../../src/index.js'

const FENCE = '```'

/** What it makes of a text, or the words of its first issue. */
function read(raw: unknown, options?: JsonOutputOptions): unknown {
  try {
    return jsonOutput(options).parse(raw)
  } catch (error) {
    expect(error).toMatchObject({ code: 'output_invalid', output: 'json', raw })
    return (error as { issues: { message: string }[] }).issues[0]?.message
  }
}

describe('a JSON output', () => {
  it('reads any JSON [OUT-3]', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(read(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('reads the same JSON out of a code fence, with whatever line ends and without a closing fence [OUT-2]', () => {
    const newline = fc.constantFrom('\n', '\r\n', '\r')
    const language = fc.constantFrom('', 'json', 'JSON5 title="x"')
    const closing = fc.constantFrom(FENCE, '')
    const indent = fc.constantFrom(undefined, 2)
    fc.assert(
      fc.property(fc.jsonValue(), newline, language, closing, indent, (value, line, lang, end, spaces) => {
        const text = JSON.stringify(value, null, spaces).replaceAll('\n', line)
        expect(read(`  ${FENCE}${lang}${line}${text}${line}${end}${line}`)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('leaves line separators inside of fenced strings alone [OUT-2]', () => {
    expect(read(`${FENCE}json\n{"quote":"one\u2028two\u2029three\u0085"}\n${FENCE}`)).toEqual({
      quote: 'one\u2028two\u2029three\u0085',
    })
  })

  it.each([
    ['words before the fence', `Here:\n${FENCE}\n{}\n${FENCE}`],
    ['words after the fence', `${FENCE}\n{}\n${FENCE}\ndone`],
    ['a fence on one line', `${FENCE}{}${FENCE}`],
    ['an empty fence', `${FENCE}json\n${FENCE}`],
    ['NaN', '{"score":NaN}'],
    ['Infinity', '-Infinity'],
    ['single quotes', "{'a':1}"],
    ['a trailing comma', '[1,]'],
    ['nothing', ''],
  ])('rejects %s [OUT-3]', (_, text) => {
    expect(read(text)).toBe('is not valid JSON')
  })

  it('reads no fence when it is told not to [OUT-2]', () => {
    expect(read(`${FENCE}\n{}\n${FENCE}`, { stripFences: false })).toBe('is not valid JSON')
    expect(read(' {} ', { stripFences: false })).toEqual({})
  })

  it.each([
    ['an object', { a: 1 }],
    ['a number', 5],
    ['nothing', undefined],
    ['null', null],
  ])('rejects %s instead of text [OUT-6]', (_, raw) => {
    expect(read(raw)).toBe('is not a string')
  })

  it('checks the type at the top [OUT-3]', () => {
    const texts = { object: '{}', array: '[]', string: '"x"', number: '-0.5', boolean: 'false', null: 'null' } as const
    const types = Object.keys(texts) as (keyof typeof texts)[]
    for (const requireType of types) {
      for (const type of types) {
        const expected: unknown =
          type === requireType ? JSON.parse(texts[type]) : `is of type ${type}, not ${requireType}`
        expect(read(texts[type], { requireType })).toEqual(expected)
      }
    }
  })

  it('has an issue for each key that is missing, and takes null for a value [OUT-3]', () => {
    const spec = jsonOutput({ requiredKeys: ['decision', 'reason', 'score'] })
    expect(spec.parse('{"decision":null,"reason":"","score":0}')).toEqual({ decision: null, reason: '', score: 0 })
    expect(() => spec.parse('{"reason":"r"}')).toThrow(
      expect.objectContaining({
        message: "output 'json' lacks decision, score",
        issues: [
          { message: 'is missing', path: 'decision' },
          { message: 'is missing', path: 'score' },
        ],
      }),
    )
  })

  it('finds required keys in the object itself and nowhere else', () => {
    expect(read('{}', { requiredKeys: ['constructor'] })).toBe('is missing')
    expect(read('[1,2]', { requiredKeys: ['length'] })).toBe('is of type array, not object')
    expect(read('{"__proto__":1}', { requiredKeys: ['__proto__'] })).toHaveProperty('__proto__', 1)
  })

  it('is named json, or as it is told', () => {
    expect(jsonOutput().name).toBe('json')
    const spec = jsonOutput({ name: 'verdict' })
    expect(() => spec.parse('no')).toThrow(
      expect.objectContaining({ output: 'verdict', message: "output 'verdict' is not valid JSON" }),
    )
  })

  it.each<[string, object]>([
    ['requiredKeys', { requiredKeys: 'decision' }],
    ['requiredKeys[1]', { requiredKeys: ['a', 5] }],
    ['requireType', { requireType: 'integer' }],
    ['stripFences', { stripFences: 'yes' }],
    ['name', { name: ' ' }],
    ['requiredKey', { requiredKey: ['a'] }],
  ])('names the option %s when that is not usable', (field, options) => {
    expect(() => jsonOutput(options)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})
