import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Job, Told } from './job.js'

/** How a process went. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly complaint: string
}

/** A process that has loaded its code, and does nothing until it is given a job. */
export class ChildProcess {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>
  readonly told: Told[] = []
  /** Called for each line that it says, once it was heard. */
  onTold: () => void = () => undefined
  readonly ended: Promise<Ended>

  constructor(bundle: string) {
    this.#process = spawn(process.execPath, [bundle], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.#process.stdin.on('error', () => undefined)
    this.ended = this.#listen()
  }

  begin(job: Job): void {
    this.#process.stdin.end(JSON.stringify(job))
  }

  kill(signal: 'SIGKILL' | 'SIGTERM'): void {
    this.#process.kill(signal)
  }

  async #listen(): Promise<Ended> {
    let complaint = ''
    this.#process.stderr.on('data', (text: Buffer) => (complaint += text.toString()))
    createInterface({ input: this.#process.stdout }).on('line', (line) => {
      const told = parseLine(line)
      if (!told) return
      this.told.push(told)
      this.onTold()
    })
    const [code, signal] = (await once(this.#process, 'close')) as [number | null, NodeJS.Signals | null]
    return { code, signal, complaint }
  }
}

/** The last line may be cut. */
function parseLine(line: string): Told | undefined {
  try {
    return JSON.parse(line) as Told
  } catch {
    return undefined
  }
}
