import * as v from 'valibot'
import type { JsonObject } from '../../slices/rules/json.js'
import { flag, parse, strictOptions } from '../config/schema.js'
import type { CompactionOptions } from './compact.js'
import { assertMessage, isSystem, type ChatMessage } from './message.js'
import { limitOf, type CompactionStrategy } from './strategy.js'

/**
 * The messages of one conversation, as many as its strategy keeps.
 *
 * It belongs to whoever made it. No session reads it or writes to it, and nothing of it enters the state or the log: a turn's
 * function puts `messages()` into its prompt, and the caller adds the question and the answer when the turn has succeeded. So it
 * may serve several sessions, one after the other. What it holds is kept beyond the process by keeping `messages()`, which is JSON
 * as far as the messages are, and beginning another memory with it.
 */
export interface ConversationMemory<Message extends ChatMessage> {
  /** How many messages are kept. */
  readonly size: number
  /**
   * Adds a message and drops what the strategy does not keep. Takes constant time on average, however many are kept.
   *
   * @throws {InvalidArgumentError} The message has no role or content, or its estimate is not an integer from 0. Nothing was added.
   */
  add(message: Message): void
  /** The kept messages, oldest first, in copies that are frozen at their top. The same list until another message is added. */
  messages(): readonly Readonly<Message>[]
  clear(): void
}

export interface ConversationMemoryOptions<Message extends ChatMessage> extends CompactionOptions {
  /** Applied after each message that is added. Default: keeps everything. */
  readonly strategy?: CompactionStrategy<Message> | undefined
  /** Added at once, oldest first: those of an earlier memory. Default: none. */
  readonly messages?: readonly Message[] | undefined
}

const optionsSchema = strictOptions({
  strategy: v.optional(v.unknown()),
  keepNewest: v.optional(flag),
  messages: v.optional(v.array(v.unknown(), 'a list of messages')),
})

/** A message in its place. Two places may hold equal messages. */
interface Place<Message> {
  readonly message: Readonly<Message>
  readonly weight: number
  readonly isProtected: boolean
  isDropped: boolean
}

/**
 * A memory that holds what `compactMessages` would keep if it were called after each message.
 *
 * @throws {InvalidArgumentError} Names the option: `strategy.maxTokens`.
 * @example
 * const memory = createConversationMemory({ strategy: { kind: 'window', maxMessages: 20 } })
 * const question = { role: 'user', content: 'What changed since Monday?' }
 * const { value } = await session.runTurn(({ signal }) => callModel([...memory.messages(), question], signal))
 * for (const message of [question, { role: 'assistant', content: value }]) memory.add(message)
 */
export function createConversationMemory<Message extends ChatMessage = ChatMessage & JsonObject>(
  options: ConversationMemoryOptions<NoInfer<Message>> = {},
): ConversationMemory<Message> {
  parse(optionsSchema, options)
  const { strategy = { kind: 'none' }, keepNewest = false, messages = [] } = options
  const { most, keepSystem, weigh } = limitOf(strategy)
  let places: Place<Message>[]
  let size: number
  let weight: number
  /** Every place before it is dropped, protected or spared. */
  let cursor: number
  let newest: Place<Message> | undefined
  /** The newest message, when the cursor has gone past it. */
  let spared: Place<Message> | undefined
  let list: readonly Readonly<Message>[] | undefined
  clear()
  messages.forEach((message, index) => addAs(message, `messages[${index}]`))

  function clear(): void {
    places = []
    size = weight = cursor = 0
    newest = spared = list = undefined
  }

  function addAs(message: Message, field: string): void {
    assertMessage(message, field)
    const isOfSystem = isSystem(message)
    const place: Place<Message> = {
      message: Object.freeze({ ...message }),
      weight: weigh(message),
      isProtected: keepSystem && isOfSystem,
      isDropped: false,
    }
    places.push(place)
    size += 1
    weight += place.weight
    if (keepNewest && !isOfSystem) newest = place
    list = undefined
    while (weight > most) {
      const oldest = nextToDrop()
      if (!oldest) break
      oldest.isDropped = true
      size -= 1
      weight -= oldest.weight
    }
    if (places.length > 2 * size) tidy()
  }

  function nextToDrop(): Place<Message> | undefined {
    if (spared && spared !== newest) {
      const former = spared
      spared = undefined
      return former
    }
    while (cursor < places.length) {
      const place = places[cursor]
      cursor += 1
      if (!place || place.isProtected) continue
      if (place !== newest) return place
      spared = place
    }
    return undefined
  }

  /** Forgets the dropped places. There are as many as kept ones by then, so that this is paid for by those who dropped them. */
  function tidy(): void {
    places = keptPlaces()
    cursor = 0
    spared = undefined
  }

  const keptPlaces = () => places.filter(({ isDropped }) => !isDropped)

  return {
    get size() {
      return size
    },
    add: (message) => addAs(message, 'message'),
    messages: () => (list ??= Object.freeze(keptPlaces().map(({ message }) => message))),
    clear,
  }
}
