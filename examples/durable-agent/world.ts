import { setTimeout as sleep } from 'node:timers/promises'

/** What an agent calls: it takes time, costs something, and may be the last thing that its process does. */
export interface World {
  /** What was called in this process. */
  readonly called: ReadonlySet<string>
  call<T>(what: string, signal: AbortSignal, work: () => T | Promise<T>): Promise<T>
}

export interface WorldOptions {
  /** Hears of every call when it begins. */
  readonly tell: (what: string) => void
  /** What a call takes, in milliseconds. */
  readonly slowMs: number
  /** The call that is made, and whose answer nobody hears: the process is killed. Default: none. */
  readonly killAt?: number | undefined
}

export function createWorld({ tell, slowMs, killAt }: WorldOptions): World {
  const called = new Set<string>()
  return {
    called,
    async call(what, signal, work) {
      const isLast = called.add(what).size === killAt
      tell(what)
      await sleep(slowMs, undefined, { signal })
      const answer = await work()
      if (isLast) process.kill(process.pid, 'SIGKILL')
      return answer
    },
  }
}
