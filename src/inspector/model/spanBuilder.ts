import type { Fact } from '../../../slices/fact.js'
import * as facts from '../../../slices/facts.js'
import type { PriceList } from '../../../slices/rules/prices.js'
import { roundUsd } from '../../../slices/rules/prices.js'
import { callCostUsd } from '../../transcript/paid.js'
import { isFoundLater } from '../../transcript/spans.js'
import { statusOf } from '../../history/run.js'
import type { SessionHistory } from './sessionHistory.js'
import type { Span, SpanKind, SpanStatus } from './span.js'

type Draft = { -readonly [Key in keyof Span]: Span[Key] }

/** Makes spans of the facts of one session. */
export class SpanBuilder {
  readonly #spans: Draft[] = []

  constructor(
    readonly sessionId: string,
    readonly startAt: number,
    readonly prices: PriceList,
  ) {}

  add(_fact: Fact): void {
    this.#spans.length += 0
  }

  finish(_history: SessionHistory): readonly Span[] {
    return this.#spans
  }
}
