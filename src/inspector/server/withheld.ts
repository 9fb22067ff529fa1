import { createHmac } from 'node:crypto'
import type { Fact } from '../../../slices/fact.js'
import { turnChunked } from '../../../slices/facts.js'
import { canonicalJson, isPlainObject, type Json } from '../../../slices/rules/json.js'
import { contentOf, withoutContent } from '../../transcript/content.js'

/** Replaces what was said in a fact. */
export type Withhold = (fact: Fact) => Fact

/**
 * Puts a mark in the place of what was said: `[content 3f9a01]`. The same mark stands for the same, so that two runs can still be
 * compared; nobody without the key can tell what it stands for, or find out by guessing.
 */
export function createWithhold(key: string): Withhold {
  const digestOf = (value: Json) => createHmac('sha256', key).update(canonicalJson(value)).digest('hex')
  const markOf = (value: Json) => `[content ${digestOf(value).slice(0, 6)}]`

  function fieldOf(hidden: unknown, said: Json): unknown {
    if (!isPlainObject(hidden) || !isPlainObject(said)) return markOf(said)
    // The outcome of a call. Of which kind it was is not content.
    return Object.fromEntries(
      Object.entries(said).map(([name, value]) => [name, name === 'kind' ? value : markOf(value)]),
    )
  }

  /** How long a chunk was is told. */
  function chunkOf(text: string): string {
    const mark = markOf(text)
    return text.length < mark.length ? digestOf(text).slice(0, text.length) : mark.padEnd(text.length, '·')
  }

  return (fact) => {
    const said = contentOf(fact)
    if (said.length === 0) return fact
    const payload = withoutContent(fact).payload as Readonly<Record<string, unknown>>
    const marked = said.map(([field, value]) => [
      field,
      turnChunked.match(fact) ? chunkOf(fact.payload.text) : fieldOf(payload[field], value),
    ])
    return { ...fact, payload: { ...payload, ...Object.fromEntries(marked) } }
  }
}
