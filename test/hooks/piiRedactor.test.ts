import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPiiRedactor, redactPii } from '../../src/index.js'
import { infoOf } from './info.js'

const key = 'a1_B-'.repeat(8)

describe('redacting a text', () => {
  it.each([
    ['ssn 123-45-6789 ok', 'ssn [REDACTED] ok'],
    ['mail a.b+c%d@example.co.uk now', 'mail [REDACTED] now'],
    ['card 4111 1111-1111 1111 end', 'card [REDACTED] end'],
    ['card 4111111111111 end', 'card [REDACTED] end'],
    ['ip 10.0.0.255', 'ip [REDACTED]'],
    [`key ${key}Z`, 'key [REDACTED]'],
    ['+a.b@c.de', '+[REDACTED]'],
    ['.a@b.cd.', '.[REDACTED].'],
    ['a@b@c.de', 'a@[REDACTED]'],
    ['a@b.cd@e.fg', '[REDACTED]@e.fg'],
    ['a@b.cd-e', '[REDACTED]-e'],
    ['x@y.z.com-1.c', '[REDACTED]-1.c'],
    ['1.2.3.4.5', '[REDACTED].5'],
    [`${key}x--`, '[REDACTED]--'],
  ])('finds in %j what there is', (text, redacted) => {
    expect(redactPii(text)).toBe(redacted)
  })

  it.each([
    'phone 12345678',
    'x@y',
    'x@y.z',
    'x@y.com1',
    'x@.com',
    '@example.com',
    '0123-45-6789',
    '123-45-67890',
    'a123-45-6789',
    '12345678901234567890',
    '1.2.3',
    '1.2.3.4567',
    'a'.repeat(39),
    `${key}--`,
    'é'.repeat(60),
    '١٢٣-٤٥-٦٧٨٩',
    '',
  ])('leaves %j as it is', (text) => {
    expect(redactPii(text)).toBe(text)
  })

  it('tries the families in their order where two begin together [HOOK-5]', () => {
    expect(redactPii('123-45-6789@example.com')).toBe('[REDACTED]@example.com')
    expect(redactPii('1.2.3.4@example.com')).toBe('[REDACTED]')
    expect(redactPii(`${'a'.repeat(50)}@example.com`)).toBe('[REDACTED]')
    expect(redactPii('4111 1111 1111 1111.x@example.com')).toBe('[REDACTED][REDACTED]')
    expect(redactPii('123-45-6789.x@example.com')).toBe('[REDACTED][REDACTED]')
  })

  it('puts in what it is told to, literally', () => {
    expect(redactPii('ip 10.0.0.1', '$& $1')).toBe('ip $& $1')
    expect(redactPii('ip 10.0.0.1!', '')).toBe('ip !')
  })

  it('takes no more than a moment for a huge text [GUARD-15]', { timeout: 10_000 }, () => {
    const size = 300_000
    const hostile = [
      'a.'.repeat(size),
      `a${'-'.repeat(size)}`,
      `1${' '.repeat(size)}`,
      '1 2 3 4 5 6 7 8 9 x '.repeat(size / 20),
      'a@b@'.repeat(size),
      `a@${'b.'.repeat(size)}`,
      `${'a.'.repeat(size)}@b`,
      `a@${'b.c1'.repeat(size)}`,
      '1.2.3.x.'.repeat(size / 8),
      `${'a'.repeat(38)}${'-'.repeat(size)}`,
    ]
    for (const text of hostile) expect(redactPii(text)).toBe(text)
    expect(redactPii('a'.repeat(20 * size))).toBe('[REDACTED]')
    expect(redactPii('123-45-6789+'.repeat(size / 10) + '@example.com')).toBe('[REDACTED][REDACTED]')
  })
})

/** The same families as one expression, which takes quadratic time. */
const anyFamily =
  /\b\d{3}-\d{2}-\d{4}\b|\b[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}\b|\b\d(?:[ -]*\d){12,18}\b|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[A-Za-z0-9_-]{40,}\b/g

const fragment = fc.oneof(
  fc.constantFrom(
    ...[
      '123-45-6789',
      'a.b@example.com',
      '@',
      '@x.yz',
      '4111 1111 1111 1111',
      '10.0.0.255',
      '1.2.3',
      key,
      'a'.repeat(39),
    ],
    ...['-', '.', ' ', '_', '%', '+', '1', '12', '123', '1234', 'ab', 'é', '١', '[REDACTED]', '\n'],
  ),
  fc.string({ maxLength: 3 }),
)
const text = fc.array(fragment, { maxLength: 14 }).map((fragments) => fragments.join(''))
const runs = { numRuns: 3_000 }

describe('redacting any text', () => {
  it('replaces what one expression of all families would [HOOK-5, HOOK-6]', () => {
    fc.assert(
      fc.property(text, (given) => {
        expect(redactPii(given)).toBe(given.replace(anyFamily, '[REDACTED]'))
      }),
      runs,
    )
  })

  it('leaves nothing of any family, so that doing it again changes nothing', () => {
    fc.assert(
      fc.property(text, (given) => {
        const redacted = redactPii(given)
        expect(redacted.match(anyFamily)).toBeNull()
        expect(redactPii(redacted)).toBe(redacted)
      }),
      runs,
    )
  })
})

describe('redacting a structured value', () => {
  const ip = '10.0.0.1'
  const gone = '[REDACTED]'

  it('reaches every string, but no key [HOOK-7]', () => {
    const value = { [ip]: [ip, { deep: ip }], map: new Map([[ip, [ip]]]), set: new Set([ip, 'x']) }
    expect(redactPii(value)).toEqual({
      [ip]: [gone, { deep: gone }],
      map: new Map([[ip, [gone]]]),
      set: new Set([gone, 'x']),
    })
  })

  it('keeps whatever is not a string', () => {
    class Message {
      constructor(readonly content: string) {}
    }
    const value = [
      5,
      4111111111111111,
      1n,
      true,
      null,
      undefined,
      new Date(0),
      new Message(ip),
      new Uint8Array(2),
      redactPii,
    ]
    expect(redactPii(value)).toBe(value)
    const [first, ...rest] = redactPii([ip, ...value])
    expect(first).toBe(gone)
    for (const [index, item] of rest.entries()) expect(item).toBe(value[index])
  })

  it('makes new objects only where something changed, and changes none [HOOK-7]', () => {
    const value = Object.freeze({ clean: { text: 'fine' }, list: Object.freeze([{ text: 'fine' }, { text: ip }]) })
    const redacted = redactPii(value)
    expect(redacted).toEqual({ clean: { text: 'fine' }, list: [{ text: 'fine' }, { text: gone }] })
    expect(redacted.clean).toBe(value.clean)
    expect(redacted.list[0]).toBe(value.list[0])
    expect(value.list[1]).toEqual({ text: ip })
  })

  it('keeps prototypes that are null, symbols, holes, and a key named __proto__', () => {
    const symbol = Symbol('meta')
    const bare = Object.assign(Object.create(null) as Record<string, unknown>, { text: ip })
    const redacted = redactPii({
      bare,
      [symbol]: ip,
      holes: [ip, , 1],
      ...JSON.parse(`{"__proto__":"${ip}"}`),
    } as never)
    const { holes } = redacted as { holes: unknown[] }
    expect(Object.getPrototypeOf((redacted as { bare: object }).bare)).toBeNull()
    expect(redacted[symbol]).toBe(ip)
    expect([holes.length, 1 in holes]).toEqual([3, false])
    expect(Object.entries(redacted)).toContainEqual(['__proto__', gone])
  })

  it('follows a value that refers to itself', () => {
    const page: Record<string, unknown> = { text: ip, clean: { a: 1 } }
    page['links'] = [page, new Map([['self', page]])]
    const redacted = redactPii(page)
    const [self, map] = redacted['links'] as [unknown, Map<string, unknown>]
    expect(redacted['text']).toBe(gone)
    expect(self).toBe(redacted)
    expect(map.get('self')).toBe(redacted)
    expect(redacted['clean']).toBe(page['clean'])
    delete page['text']
    expect(redactPii(page)).toBe(page)
  })

  it('copies what is shared once', () => {
    const shared = { text: ip }
    const redacted = redactPii([shared, { shared }] as const)
    expect(redacted[0]).toBe(redacted[1].shared)
  })

  it('goes as deep as it likes', () => {
    let value: unknown = ip
    for (let depth = 0; depth < 100_000; depth += 1) value = [value]
    let redacted = redactPii(value)
    while (Array.isArray(redacted)) redacted = redacted[0]
    expect(redacted).toBe(gone)
  })

  it('redacts each string of any JSON value as it redacts that string, and nothing else', () => {
    const json = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
      ),
    })).value
    fc.assert(
      fc.property(json, (value) => {
        const before = JSON.stringify(value)
        const revived = JSON.parse(before, (_key, item: unknown) =>
          typeof item === 'string' ? redactPii(item) : item,
        ) as unknown
        const redacted = redactPii(value)
        expect(JSON.stringify(redacted)).toBe(JSON.stringify(revived))
        expect(JSON.stringify(value)).toBe(before)
        if (JSON.stringify(redacted) === before) expect(redacted).toBe(value)
      }),
    )
  })
})

describe('a redactor of personal data', () => {
  it('redacts at every point, and of a handoff the reason and the context [HOOK-5]', async () => {
    const hook = createPiiRedactor()
    expect(hook.name).toBe('pii_redactor')
    for (const point of ['beforeModel', 'afterModel', 'beforeTool', 'afterTool'] as const) {
      expect(await hook[point]?.({ to: 'a@b.cd' }, infoOf('mail'))).toEqual({ to: '[REDACTED]' })
    }
    const targetRole = 'a'.repeat(40)
    const handoff = { targetRole, reason: 'a@b.cd asked', context: { draft: ['from 10.0.0.1'] } }
    expect(await hook.beforeHandoff?.(handoff, infoOf(targetRole))).toEqual({
      targetRole,
      reason: '[REDACTED] asked',
      context: { draft: ['from [REDACTED]'] },
    })
  })

  it('redacts only where it is told to, with what it is told to', () => {
    const hook = createPiiRedactor({ name: 'private', replacement: '***', points: ['afterTool'] })
    expect(Object.keys(hook)).toEqual(['name', 'afterTool'])
    expect(hook.name).toBe('private')
    expect(hook.afterTool?.('from 10.0.0.1', infoOf('ping'))).toBe('from ***')
  })

  it('returns nothing where there was nothing', () => {
    expect(createPiiRedactor().beforeModel?.(undefined, infoOf('m'))).toBeUndefined()
  })

  it.each<[string, object]>([
    ['name', { name: ' ' }],
    ['replacement', { replacement: 5 }],
    ['points', { points: [] }],
    ['points[1]', { points: ['afterTool', 'onError'] }],
    ['families', { families: [] }],
  ])('names %s when that is not usable', (field, options) => {
    expect(() => createPiiRedactor(options)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})
