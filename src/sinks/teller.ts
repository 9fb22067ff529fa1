import { projectEvents } from '../../slices/agentEvents.js'
import type { Fact } from '../../slices/fact.js'
import type { RuntimeState } from '../../slices/state.js'
import type { Told } from './batchQueue.js'
import type { Delivery } from './delivery.js'
import type { SinkFailures } from './failures.js'
import { SINK_ITEM_KINDS } from './settings.js'
import type { SinkItem } from './sink.js'
import { usageRecord } from './usageRecord.js'

/** A fact that was recorded and that no sink was told of yet. */
interface Entered {
  readonly fact: Fact
  /** The state after it. Absent until it was reduced. */
  state?: RuntimeState
}

interface SinkTellerOptions {
  readonly deliveries: readonly Delivery[]
  readonly failures: SinkFailures
  state(): RuntimeState
}

/** Publishes a fact, and tells of it. */
export type TellSinks = (fact: Fact, publish: (fact: Fact) => void) => void

/**
 * Tells the sinks of each fact and of what it means, after it was reduced and before it returns. A fact that is recorded while
 * another one still is, by a subscriber or by a sink, is told after that one: all sinks hear of all facts in the order of the log.
 */
export function createSinkTeller({ deliveries, failures, state }: SinkTellerOptions): TellSinks {
  const heard = new Set(SINK_ITEM_KINDS.filter((kind) => deliveries.some((delivery) => delivery.hears(kind))))
  const entered: Entered[] = []
  let underWay = 0
  let isTelling = false

  function tell({ fact, state: after }: Entered): void {
    if (!after) return
    const told = itemsOf(fact, after, heard)
    const untold = failures.untoldWays(fact)
    for (const delivery of deliveries) delivery.tell(fact, told, untold)
  }

  function tellAll(): void {
    isTelling = true
    try {
      for (let next = entered.shift(); next; next = entered.shift()) tell(next)
    } finally {
      isTelling = false
    }
  }

  return (fact, publish) => {
    const entry: Entered = { fact }
    entered.push(entry)
    underWay += 1
    try {
      publish(fact)
      entry.state = state()
    } finally {
      underWay -= 1
      if (underWay === 0 && !isTelling) tellAll()
    }
  }
}

function itemsOf(fact: Fact, state: RuntimeState, heard: ReadonlySet<SinkItem['kind']>): readonly Told[] {
  const { at } = fact.meta
  const told: Told[] = []
  if (heard.has('fact')) told.push({ at, item: { kind: 'fact', fact } })
  if (heard.has('event')) {
    for (const event of projectEvents(fact, state)) told.push({ at, item: { kind: 'event', event } })
  }
  const record = heard.has('usage') ? usageRecord(fact, state) : undefined
  if (record) told.push({ at, item: { kind: 'usage', record } })
  return told
}
