import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  createMemoryLog,
  GENESIS_HASH,
  verify,
  withHashChain,
  type Fact,
  type LogHead,
  type VerifyLogOptions,
} from '../../src/index.js'
import { factsIn, recordInto } from './recorded.js'

const signingKey = 'a key of the tests'

let facts: readonly Fact[]
let head: LogHead

beforeAll(async () => {
  const log = await withHashChain(createMemoryLog(), { signingKey })
  await recordInto(log)
  facts = await factsIn(log)
  head = log.chain.head()!
})

/** The facts with the one at this place changed. */
function edited(place: number, edit: (fact: Fact) => object): Fact[] {
  return facts.map((fact, index) => (index === place - 1 ? { ...fact, ...edit(fact) } : fact))
}

const meta = (place: number, edit: (meta: Fact['meta']) => object) =>
  edited(place, (fact) => ({ meta: { ...fact.meta, ...edit(fact.meta) } }))

const renumbered = (list: readonly Fact[]) =>
  list.map((fact, index) => ({ ...fact, meta: { ...fact.meta, seq: index + 1 } }))

/** The log as somebody without the key would make it. */
async function forged(list: readonly Fact[], key?: string): Promise<Fact[]> {
  const log = await withHashChain(createMemoryLog(), { signingKey: key })
  for (const fact of renumbered(list)) log.append(fact.meta.stream, [fact])
  return factsIn(log)
}

const unsigned = () => facts.map(({ meta: { signature: _signature, ...rest }, ...fact }) => ({ ...fact, meta: rest }))

const bare = () => facts.map(({ meta: { seq, at, stream, v }, ...fact }) => ({ ...fact, meta: { seq, at, stream, v } }))

describe('a log with a hash chain', () => {
  it('is valid as it was written, with and without the key and the head [CHAIN-6]', async () => {
    const good = { valid: true, facts: facts.length, firstBad: null }
    expect(await verify(facts, { signingKey, head })).toMatchObject({ ...good, chain: 'signed' })
    expect(await verify(facts)).toMatchObject({ ...good, chain: 'hashed' })
    expect(await verify(bare())).toMatchObject({ ...good, chain: 'none' })
  })

  it('goes on after the head that was kept [CHAIN-7]', async () => {
    const { seq, hash } = facts[7]!.meta
    expect(await verify(facts, { head: { seq, hash: hash! } })).toMatchObject({ valid: true, chain: 'hashed' })
  })

  const changes: readonly [string, () => readonly Fact[] | Promise<readonly Fact[]>, VerifyLogOptions, object][] = [
    [
      'an edited payload',
      () => edited(6, ({ payload }) => ({ payload: { ...(payload as object), note: 1 } })),
      {},
      { seq: 6, problem: 'hash' },
    ],
    ['an edited type', () => edited(6, () => ({ type: 'sessions/parked' })), {}, { seq: 6, problem: 'hash' }],
    ['an edited time', () => meta(6, ({ at }) => ({ at: at + 1 })), {}, { seq: 6, problem: 'hash' }],
    ['an edited stream', () => meta(6, () => ({ stream: '@runtime' })), {}, { seq: 6, problem: 'hash' }],
    ['something new in meta', () => meta(6, () => ({ origin: 2 })), {}, { seq: 6, problem: 'hash' }],
    ['something new beside it', () => edited(6, () => ({ error: true })), {}, { seq: 6, problem: 'hash' }],
    ['an edited hash', () => meta(6, () => ({ hash: GENESIS_HASH })), {}, { seq: 6, problem: 'hash' }],
    ['a hash that was taken away', () => meta(6, () => ({ hash: undefined })), {}, { seq: 6, problem: 'hash' }],
    [
      'a first hash that was taken away',
      () => meta(1, () => ({ hash: undefined })),
      {},
      { seq: 1, problem: 'hash', detail: 'it has no hash, and later facts have' },
    ],
    ['two facts that were swapped', () => swapped(6), {}, { seq: 6, problem: 'sequence' }],
    ['two facts that were swapped and renumbered', () => renumbered(swapped(6)), {}, { seq: 6, problem: 'hash' }],
    ['a fact that was removed', () => facts.filter((_, index) => index !== 5), {}, { seq: 6, problem: 'sequence' }],
    [
      'a fact that was removed, the rest renumbered',
      () => renumbered(facts.filter((_, index) => index !== 5)),
      {},
      { seq: 6, problem: 'hash' },
    ],
    ['a fact that was inserted', () => inserted(6), {}, { seq: 6, problem: 'sequence' }],
    ['a fact that was inserted, the rest renumbered', () => renumbered(inserted(6)), {}, { seq: 6, problem: 'hash' }],
    ['another key', () => facts, { signingKey: 'another key' }, { seq: 1, problem: 'signature' }],
    [
      'an edited signature',
      () => meta(6, ({ hash }) => ({ signature: hash })),
      { signingKey },
      { seq: 6, problem: 'signature' },
    ],
    [
      'a signature that was taken away',
      () => meta(6, () => ({ signature: undefined })),
      { signingKey },
      { seq: 6, problem: 'signature', detail: 'it is not signed' },
    ],
    ['no signatures where a key is given', unsigned, { signingKey }, { seq: 1, problem: 'signature' }],
    ['no hashes where a key is given', bare, { signingKey }, { seq: 1, problem: 'hash' }],
    ['all hashes made anew, without the key', () => forged(facts), { signingKey }, { seq: 1, problem: 'signature' }],
    [
      'all hashes made anew, with another key',
      () => forged(facts, 'another key'),
      { signingKey },
      { seq: 1, problem: 'signature' },
    ],
  ]

  it.each(changes)('shows %s [CHAIN-6]', async (_, given, options, expected) => {
    const { seq } = expected as { readonly seq: number }
    const verdict = await verify(await given(), options)
    expect(verdict).toMatchObject({ valid: false, facts: seq - 1, firstBad: expected })
  })

  it('shows facts that are missing from its end, when its head was kept [CHAIN-7]', async () => {
    const cut = facts.slice(0, -3)
    expect(await verify(cut, { signingKey })).toMatchObject({ valid: true })
    expect(await verify(cut, { head })).toMatchObject({
      valid: false,
      facts: cut.length,
      firstBad: { seq: cut.length + 1, problem: 'truncated' },
    })
    expect(await verify([], { head })).toMatchObject({ valid: false, firstBad: { seq: 1, problem: 'truncated' } })
  })

  it('shows another end than the one that was kept, even when the hashes fit [CHAIN-7]', async () => {
    const last = facts.at(-1)!
    const other = { ...last, meta: { ...last.meta, at: last.meta.at + 1 } }
    expect(await verify(await forged([...facts.slice(0, -1), other]), { head })).toMatchObject({
      valid: false,
      firstBad: { seq: facts.length, problem: 'head' },
    })
  })

  it('shows that it was taken off, when its head was kept [CHAIN-7]', async () => {
    expect(await verify(bare(), { head })).toMatchObject({ valid: false, firstBad: { seq: 1, problem: 'hash' } })
  })

  it('names the fact, whichever it is and whatever was changed in it [CHAIN-6]', async () => {
    const place = fc.nat({ max: facts.length - 1 })
    await fc.assert(
      fc.asyncProperty(place, fc.nat(), fc.jsonValue({ maxDepth: 1 }), async (index, pick, value) => {
        const changed = structuredClone(facts) as Fact[]
        change(changed[index], pick, value)
        fc.pre(JSON.stringify(changed[index]) !== JSON.stringify(facts[index]))
        const verdict = await verify(changed, { signingKey, head })
        expect(verdict).toMatchObject({ valid: false, facts: index, firstBad: { seq: index + 1 } })
      }),
      { numRuns: 300 },
    )
  })
})

function swapped(place: number): Fact[] {
  return [...facts.slice(0, place - 1), facts[place]!, facts[place - 1]!, ...facts.slice(place + 1)]
}

function inserted(place: number): Fact[] {
  return [...facts.slice(0, place - 1), facts[2]!, ...facts.slice(place - 1)]
}

/** Replaces, removes or adds one thing, somewhere in a fact. */
function change(fact: unknown, pick: number, value: unknown): void {
  const places = [...placesIn(fact)]
  const [container, key] = places[pick % places.length]!
  if (pick % 3 === 0) Reflect.deleteProperty(container, key)
  else if (pick % 3 === 1) container[key] = value
  else container[`${key}2`] = value
}

function* placesIn(value: unknown): Generator<readonly [Record<string, unknown>, string]> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  for (const [key, inner] of Object.entries(value)) {
    yield [value as Record<string, unknown>, key]
    yield* placesIn(inner)
  }
}
