import type { Fact } from '../../slices/fact.js'
import type { Io } from './io.js'

/** How far long work has come. Only people who wait at a terminal are told. */
export interface Progress {
  /** @param done - Of the total. */
  update(done: number): void
  /** Takes it off the terminal. */
  end(): void
}

const AFTER_MS = 300
const EVERY_MS = 100
const SLOTS = 30
/** Looking at the clock costs more than most steps. */
const EVERY_STEPS = 256

export const silent: Progress = { update: () => undefined, end: () => undefined }

/** @param noun - What is counted, such as `facts`. */
export function createProgress({ stderr, now }: Io, total: number, noun = 'facts'): Progress {
  if (!stderr.isTerminal) return silent
  let due = now() + AFTER_MS
  let isShown = false
  const draw = (text: string) => {
    void stderr.write(text)
    void stderr.flush()
  }
  return {
    update(done) {
      if (done % EVERY_STEPS !== 0 || now() < due) return
      due = now() + EVERY_MS
      isShown = true
      draw(`\r\u001b[K${bar(done, total)} ${done}/${total} ${noun}`)
    },
    end() {
      if (isShown) draw('\r\u001b[K')
      isShown = false
    },
  }
}

function bar(done: number, total: number): string {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const filled = Math.floor(share * SLOTS)
  return `[${'#'.repeat(filled)}${'-'.repeat(SLOTS - filled)}] ${String(Math.floor(share * 100)).padStart(3)} %`
}

/** The same facts, told of as they go by. */
export async function* watched(facts: AsyncIterable<Fact>, progress: Progress): AsyncGenerator<Fact, void, undefined> {
  let done = 0
  try {
    for await (const fact of facts) {
      done += 1
      progress.update(done)
      yield fact
    }
  } finally {
    progress.end()
  }
}
