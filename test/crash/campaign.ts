import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { replay, type Fact, type Json } from '../../src/index.js'
import { createRandom } from '../../src/random.js'
import { rows } from '../../slices/rules/table.js'
import { PARALLEL_CALLS } from './agent.js'
import { keyOf, type Asked } from './answers.js'
import { acknowledgedIn, assert, checkLife, countInFlight } from './checks.js'
import { ChildProcess, type Ended } from './childProcess.js'
import { addCounts, noCounts, type Counts } from './counts.js'
import type { Store } from './job.js'
import { live } from './life.js'
import { ModelServer } from './modelServer.js'
import { findAgain, outcomeOf } from './outcome.js'
import { cutPower } from './powerCut.js'
import { answersOf, readLog } from './recorded.js'
import { drawStop, type Stop } from './stops.js'

const THREADS = ['first', 'second', 'third'] as const

/** More than any campaign needs: one that comes this far does not come to its end. */
const MAX_LIVES = 100

const noCut = { lostBytes: 0, tornBytes: 0 }

/** How a campaign that was never killed ends. */
export interface Reference {
  readonly results: Json
  readonly outcome: ReturnType<typeof outcomeOf>
}

/** Threads that are run to their end by processes of which one after the other is killed. */
export class Campaign {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'crash-')))
  readonly #acknowledged = new Set<string>()
  #counts = noCounts
  #facts: readonly Fact[] = []
  #waiting: ChildProcess
  #life = 0
  #callsTaken = 0
  /** The last fact that must be there whatever happens. */
  #promisedSeq = 0

  private constructor(
    readonly bundle: string,
    readonly store: Store,
    readonly seed: number,
    readonly server: ModelServer,
  ) {
    this.#waiting = new ChildProcess(bundle)
  }

  /** Runs the threads without a kill. */
  static async reference(bundle: string, store: Store): Promise<Reference> {
    const campaign = await Campaign.#begin(bundle, store, 0)
    try {
      const results = await campaign.#next(null)
      assert(results !== undefined, 'the reference did not come to its end')
      return { results, outcome: outcomeOf(replay(campaign.#facts), campaign.#facts) }
    } finally {
      await campaign.#end()
      campaign.#remove()
    }
  }

  /**
   * Kills until the threads are at their end, and checks after each kill what is left.
   *
   * @throws {Error} Says what is wrong, with the seed and the stops so far.
   */
  static async run(bundle: string, store: Store, seed: number, reference: Reference): Promise<Counts> {
    const campaign = await Campaign.#begin(bundle, store, seed)
    const stops: Stop[] = []
    let counts: Counts | undefined
    try {
      return (counts = await campaign.#run(reference, stops))
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error)
      const where = `${store}, seed ${seed}, log kept at ${campaign.#path}, stops ${JSON.stringify(stops)}`
      throw new Error(`${where}: ${said}`, { cause: error })
    } finally {
      await campaign.#end()
      if (counts) campaign.#remove()
    }
  }

  static async #begin(bundle: string, store: Store, seed: number): Promise<Campaign> {
    return new Campaign(bundle, store, seed, await ModelServer.start(seed))
  }

  async #run(reference: Reference, stops: Stop[]): Promise<Counts> {
    const random = createRandom(this.seed)
    let results: Json | undefined
    while (results === undefined) {
      assert(this.#life < MAX_LIVES, 'does not come to its end')
      const stop = drawStop(random, this.store)
      stops.push(stop)
      results = await this.#next(stop, random)
    }
    await this.#checkEnd(results, reference)
    return this.#counts
  }

  /** One life. Returns the results, if it came to them. */
  async #next(stop: Stop | null, random?: () => number): Promise<Json | undefined> {
    const child = this.#waiting
    this.#waiting = new ChildProcess(this.bundle)
    const life = this.#life++
    const ended = await live(child, { life, store: this.store, path: this.#path, threads: THREADS }, this.server, stop)
    assertExpected(ended)
    const before = this.#facts
    const { facts, tornBytes } = await readLog(this.store, this.#path)
    const calls = this.#takeCalls(life)
    for (const key of acknowledgedIn(child.told)) this.#acknowledged.add(key)
    const promisedSeq = await checkLife({ told: child.told, calls, before, after: facts }, this.#acknowledged)
    this.#promisedSeq = Math.max(this.#promisedSeq, promisedSeq)
    this.#facts = facts
    const done = child.told.find((line) => line.told === 'done')
    const isKilled = ended.signal === 'SIGKILL'
    const cut = isKilled && !done && random && random() < 0.3 ? await this.#cutPower(random) : noCut
    const inFlight = countInFlight(calls, this.#facts)
    assert(inFlight <= THREADS.length * PARALLEL_CALLS, `${inFlight} calls were in flight`)
    assert(!done || inFlight === 0, `${inFlight} calls have no answer`)
    const lostAnswers = answersOf(before).size - answersOf(this.#facts.slice(0, before.length)).size
    const isTorn = tornBytes > 0 || cut.tornBytes > 0
    this.#count({ isKilled, isTorn, isCut: cut.lostBytes > 0, inFlight: inFlight + lostAnswers })
    return done?.results
  }

  /** Calls that the server has received from this life, and from no other. */
  #takeCalls(life: number): readonly Asked[] {
    const calls = this.server.calls.slice(this.#callsTaken)
    this.#callsTaken = this.server.calls.length
    for (const call of calls) assert(call.life === life, `came from life ${call.life} in life ${life}: ${keyOf(call)}`)
    return calls
  }

  /** What was in the log already may be lost as well, when nobody has made it durable. */
  async #cutPower(random: () => number): Promise<typeof noCut> {
    if (this.store !== 'jsonl' || this.#facts.length === 0) return noCut
    const lostBytes = cutPower(this.#path, this.#promisedSeq, random)
    const { facts, tornBytes } = await readLog(this.store, this.#path)
    this.#facts = facts
    return { lostBytes, tornBytes }
  }

  async #checkEnd(results: Json, reference: Reference): Promise<void> {
    const { length } = this.#facts
    const callsMade = this.server.calls.length
    const again = await this.#next(null)
    assert(this.server.calls.length === callsMade, 'a thread that is at its end made calls')
    assert(this.#facts.length === length, `a thread that is at its end recorded ${this.#facts.length - length} facts`)
    assert(isDeepStrictEqual(again, results), 'a thread that is at its end returns something else')
    assert(isDeepStrictEqual(results, reference.results), 'the results are not those of a run without kills')
    const state = replay(this.#facts)
    const outcome = outcomeOf(state, this.#facts)
    assert(isDeepStrictEqual(outcome, reference.outcome), `the state is another: ${differ(outcome, reference.outcome)}`)
    this.#checkEffects()
    const paidTwice = [...rows(state.sessions.rows)].map(({ id }) => findAgain(id, this.#facts))
    const repeated = paidTwice.reduce((sum, { turns, failed }) => sum + turns + failed, 0)
    const distinct = new Set(this.server.calls.map(keyOf)).size
    assert(
      callsMade <= distinct + this.#counts.inFlight,
      `${callsMade} calls of ${distinct}, ${this.#counts.inFlight} in flight`,
    )
    this.#counts = addCounts(this.#counts, {
      campaigns: 1,
      calls: callsMade,
      duplicates: callsMade - distinct,
      endedUnanswered: repeated,
      facts: this.#facts.length,
      acknowledged: this.#acknowledged.size,
    })
  }

  /** What moves money has happened once. */
  #checkEffects(): void {
    const charges = this.server.calls.filter(({ endpoint }) => endpoint === 'charge')
    const lives = new Map<string, number>()
    for (const charge of charges) {
      const key = keyOf(charge)
      const before = lives.get(key)
      assert(before === undefined, `happened twice, in lives ${before} and ${charge.life}: ${key}`)
      lives.set(key, charge.life)
    }
    assert(charges.length === 3 * THREADS.length, `${charges.length} charges`)
  }

  #count({
    isKilled,
    isTorn,
    isCut,
    inFlight,
  }: Record<'isKilled' | 'isTorn' | 'isCut', boolean> & { inFlight: number }) {
    const more = { lives: 1, kills: Number(isKilled), tornTails: Number(isTorn), powerCuts: Number(isCut), inFlight }
    this.#counts = addCounts(this.#counts, more)
  }

  get #path(): string {
    return join(this.#folder, 'log')
  }

  async #end(): Promise<void> {
    this.#waiting.kill('SIGKILL')
    await this.#waiting.ended
    await this.server.close()
  }

  #remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function assertExpected({ code, signal, complaint }: Ended): void {
  assert(signal === 'SIGKILL' || signal === 'SIGTERM' || code === 0, `it ended by itself: ${complaint}`)
}

/** The first lines that differ. */
function differ(actual: unknown, expected: unknown): string {
  const [one, other] = [actual, expected].map((value) => JSON.stringify(value, null, 1).split('\n'))
  const at = one?.findIndex((line, index) => line !== other?.[index]) ?? 0
  return `${one?.slice(Math.max(0, at - 3), at + 3).join(' ')} instead of ${other?.slice(Math.max(0, at - 3), at + 3).join(' ')}`
}
