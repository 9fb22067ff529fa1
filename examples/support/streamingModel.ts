import type { TurnCall, UsageInput } from 'redux-agent-runtime'
import type { ManualClock } from 'redux-agent-runtime/testing'
import { sleep } from './inTime.js'

/** What a model sends at a time: some text, and what it has used so far. */
export interface Chunk {
  readonly text: string
  readonly usage: UsageInput
}

export interface StreamingModel {
  readonly name: string
  stream(call: Pick<TurnCall, 'signal' | 'attempt'>, question: string): AsyncGenerator<Chunk, void, undefined>
}

interface Answer {
  readonly pieces: readonly string[]
  /** The piece before which it stalls in a first attempt. */
  readonly stallsBefore?: number
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  'What makes the tides?': { pieces: ['The moon ', 'pulls at ', 'the sea.'] },
  'What makes the waves?': { pieces: ['The wind ', 'does, ', 'over hours ', 'and miles.'] },
  'Why is the sea salty?': { pieces: ['Rivers bring ', 'the salt ', 'of the land.'], stallsBefore: 1 },
}

const PIECE_MS = 400
const STALL_MS = 3_600_000

/** @param tell - Hears when the model stops before its end. */
export function createStreamingModel(name: string, clock: ManualClock, tell: (what: string) => void): StreamingModel {
  return {
    name,
    async *stream({ signal, attempt }, question) {
      const { pieces, stallsBefore } = ANSWERS[question] ?? { pieces: [] }
      let sent = 0
      try {
        for (const text of pieces) {
          await sleep(clock, attempt === 1 && sent === stallsBefore ? STALL_MS : PIECE_MS, signal)
          sent += 1
          yield { text, usage: { inputTokens: 400, outputTokens: 60 * sent } }
        }
      } finally {
        if (signal.aborted) tell(`stops after ${sent} of ${pieces.length} pieces`)
      }
    },
  }
}
