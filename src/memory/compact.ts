import * as v from 'valibot'
import { assertArgument } from '../../slices/rules/errors.js'
import { flag, parse, strictOptions } from '../config/schema.js'
import { assertMessage, isSystem, type ChatMessage } from './message.js'
import { limitOf, type CompactionStrategy } from './strategy.js'

export interface CompactionOptions {
  /**
   * Keeps the newest message that is not of the system, whatever else must go for it, and even when it alone is more than the
   * strategy allows. Default false: such a message is dropped like any other.
   */
  readonly keepNewest?: boolean | undefined
}

const optionsSchema = strictOptions({ keepNewest: v.optional(flag, false) })

/**
 * The messages that `strategy` keeps of a whole list, in their order. When all fit, all are kept.
 *
 * @throws {InvalidArgumentError} A message, the strategy or an estimate is not usable. Names the field: `messages[2].role`.
 */
export function compactMessages<Message extends ChatMessage>(
  messages: readonly Message[],
  strategy: CompactionStrategy<NoInfer<Message>>,
  options: CompactionOptions = {},
): readonly Message[] {
  const { keepNewest } = parse(optionsSchema, options)
  assertArgument(Array.isArray(messages), 'messages', messages, 'a list of messages')
  for (const [index, message] of messages.entries()) assertMessage(message, `messages[${index}]`)
  const { most, keepSystem, weigh } = limitOf(strategy)
  const weights = messages.map((message) => weigh(message))
  const newest = keepNewest ? messages.findLastIndex((message) => !isSystem(message)) : -1
  const isKept = messages.map((message, index) => index === newest || (keepSystem && isSystem(message)))

  const total = (counts: (index: number) => boolean) =>
    weights.reduce((sum, weight, index) => (counts(index) ? sum + weight : sum), 0)
  if (total(() => true) <= most) return [...messages]
  let left = most - total((index) => isKept[index] === true)
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    if (isKept[index]) continue
    left -= weights[index] ?? 0
    if (left < 0) break
    isKept[index] = true
  }
  return messages.filter((_, index) => isKept[index])
}
