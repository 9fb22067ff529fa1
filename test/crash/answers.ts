import { fingerprint } from '../../slices/rules/fingerprint.js'
import type { Json } from '../../src/index.js'

/** What a child may ask the server for. All but the last are counted. */
export type Endpoint = 'turn' | 'stream' | 'tool' | 'charge' | 'step' | 'effect'

/** One request to the server. */
export interface Asked {
  /** Which process of the campaign asks, from 0. */
  readonly life: number
  readonly endpoint: Endpoint
  readonly thread: string
  /** Unique in its thread. */
  readonly name: string
  readonly input: Json
  /** Where the log says that this call was begun. `null`: it is a step, of which the log says nothing. */
  readonly started: { readonly sessionId: string; readonly call: string } | null
}

export interface ModelAnswer {
  readonly [key: string]: Json
  readonly text: string
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number }
}

/** What distinguishes one call of a model or a tool from another. */
export function keyOf({ endpoint, thread, name, input }: Asked): string {
  return JSON.stringify([endpoint, thread, name, input])
}

/** The same answer to the same question, in every process. */
export function answerTo({ name, input }: Pick<Asked, 'name' | 'input'>): ModelAnswer {
  const digits = fingerprint({ name, input }) ?? ''
  return {
    text: `${name} ${digits}`,
    usage: { inputTokens: 100 + (parseInt(digits.slice(0, 2), 16) || 0), outputTokens: 50 + digits.length },
  }
}
