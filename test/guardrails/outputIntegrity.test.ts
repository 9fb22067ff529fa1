import { describe, expect, it } from 'vitest'
import { createOutputIntegrityGuardrail } from '../../src/index.js'
import { called, returned } from './subjects.js'

const check = (value: unknown, maxChars?: number | null) =>
  createOutputIntegrityGuardrail({ maxChars }).check(returned(value))

describe('an output integrity guardrail', () => {
  it('is named output_integrity and looks at results only [GUARD-14]', () => {
    const guardrail = createOutputIntegrityGuardrail()
    expect(guardrail).toMatchObject({ name: 'output_integrity', stages: ['post'] })
    expect(guardrail.check(called('a\0b', 'a\0b'))).toEqual({ allowed: true })
    expect(createOutputIntegrityGuardrail({ name: 'sane', appliesTo: ['turn'] })).toMatchObject({
      name: 'sane',
      appliesTo: ['turn'],
    })
  })

  it('blocks every C0 control character but tab, line feed and carriage return [GUARD-14]', () => {
    for (let code = 0; code <= 0xa0; code += 1) {
      const allowed = code > 0x1f || '\t\n\r'.includes(String.fromCharCode(code))
      expect(check(`a${String.fromCharCode(code)}`), `code ${code}`).toMatchObject({ allowed })
    }
  })

  it('says which character it was, and where', () => {
    expect(check('ok \x1b[31m')).toEqual({ allowed: false, reason: 'control character U+001B at position 3' })
  })

  it('blocks strings longer than maxChars', () => {
    expect(check('x'.repeat(10), 10)).toEqual({ allowed: true })
    expect(check('x'.repeat(11), 10)).toEqual({ allowed: false, reason: 'string longer than 10 characters' })
    expect(check('x'.repeat(1_000_000), null)).toEqual({ allowed: true })
  })

  it('counts characters, not halves of them [GUARD-14]', () => {
    expect(check('👍'.repeat(10), 10)).toEqual({ allowed: true })
    expect(check('👍'.repeat(11), 10)).toMatchObject({ allowed: false })
    expect(check('👍'.repeat(9) + 'xx', 10)).toMatchObject({ allowed: false })
  })

  it.each<[string, unknown]>([
    ['a value', { a: { b: ['c', 'd\x0b'] } }],
    ['a key', { 'k\x07': 1 }],
    ['a nested array', ['a', ['b\x01']]],
    ['a map', new Map([['a', 'b\x01']])],
    ['a key of a map', new Map([['a\x01', 'b']])],
    ['a set', new Set(['\x01'])],
    ['an error', new Error('\x01')],
  ])('looks at each string inside: %s', (_where, value) => {
    expect(check(value)).toMatchObject({ allowed: false })
  })

  it('lets pass what is not a string', () => {
    for (const value of [5, 123_456_789_012, null, undefined, true, new Date(0), new Uint8Array([0, 1])]) {
      expect(check(value, 3)).toEqual({ allowed: true })
    }
  })

  it('comes to an end in a cycle', () => {
    const map = new Map<unknown, unknown>()
    map.set(map, new Set([map, [map]]))
    expect(check(map)).toEqual({ allowed: true })
    map.set('x', '\x01')
    expect(check(map)).toMatchObject({ allowed: false })
  })

  it('rejects an option that is not known', () => {
    expect(() => createOutputIntegrityGuardrail({ maxLength: 5 } as never)).toThrow(
      'maxLength is not a known option, known are name, maxChars, appliesTo',
    )
  })

  it.each([0, -1, 1.5, Number.NaN, Infinity, '10' as never])('rejects %o as maxChars', (maxChars) => {
    expect(() => createOutputIntegrityGuardrail({ maxChars })).toThrow(
      expect.objectContaining({ code: 'invalid_argument', field: 'maxChars' }),
    )
  })
})
