import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

/*
 * SPEC.md against the tests: a test holds a rule by naming it at the end of its title, `[TURN-4]` or `[TURN-4, BUD-2]`.
 */

const ID = '[A-Z]{2,}-\\d+'

interface Section {
  readonly prefix: string
  readonly ids: readonly string[]
}

const spec = readFileSync('SPEC.md', 'utf8')

const sections: readonly Section[] = spec
  .split(/^## /m)
  .slice(1)
  .map((section) => ({
    prefix: /^([A-Z]+):/.exec(section)?.[1] ?? '',
    ids: [...section.matchAll(new RegExp(`^\\*\\*(${ID})\\*\\*`, 'gm'))].map(([, id]) => id ?? ''),
  }))

const ids = sections.flatMap((section) => section.ids)

/** The rules that test titles name, each with the files that do. */
const held = new Map<string, string[]>()

for (const file of readdirSync('test', { recursive: true, encoding: 'utf8' })) {
  if (!file.endsWith('.ts') || file === 'docs/spec.test.ts') continue
  const source = readFileSync(`test/${file}`, 'utf8')
  for (const [, named = ''] of source.matchAll(new RegExp(`\\[(${ID}(?:, ${ID})*)\\](?=['"\`])`, 'g'))) {
    for (const id of named.split(', ')) held.set(id, [...(held.get(id) ?? []), file])
  }
}

describe('the rules of SPEC.md', () => {
  it('are there', () => {
    expect(sections.length).toBeGreaterThan(30)
    expect(ids.length).toBeGreaterThan(300)
  })

  it('have ids of their own', () => expect(ids.length - new Set(ids).size).toBe(0))

  it.each(sections)('of $prefix are numbered in their order', ({ prefix, ids }) => {
    expect(ids).toEqual(ids.map((_, index) => `${prefix}-${index + 1}`))
    expect(ids.length).toBeGreaterThan(0)
  })

  it('refer to rules that exist', () => {
    const prefixes = sections.map(({ prefix }) => prefix).join('|')
    const named = [...spec.matchAll(new RegExp(`\\b(?:${prefixes})-\\d+`, 'g'))].map(([id]) => id)
    expect(named.filter((id) => !ids.includes(id))).toEqual([])
  })

  it('are each held by a test', () => expect(ids.filter((id) => !held.has(id))).toEqual([]))

  it('are the only ones that tests name', () => {
    expect([...held].filter(([id]) => !ids.includes(id))).toEqual([])
  })
})
