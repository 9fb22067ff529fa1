import { describe, expect, it } from 'vitest'
import type { AgentSession } from '../../src/index.js'
import { deferred } from '../support/runtime.js'
import { startProcess, type TestProcess } from './processes.js'
import { leave, never, outcomeOf, pass } from './twice.js'

type Fn<T> = (session: AgentSession) => Promise<T>

const run = <T>(process: TestProcess, fn: Fn<T>) => process.orchestrator.session(fn, { threadId: 't' })

/** Runs a function until nothing goes on, lets the process crash, and runs it to its end in the next one. */
async function inTwo<T>(fn: (isFirst: boolean, process: TestProcess) => Fn<T>): Promise<T> {
  const first = await startProcess()
  leave(run(first, fn(true, first)))
  await pass(first, 50)
  const second = await first.crash()
  const result = run(second, fn(false, second))
  leave(result)
  await pass(second, 10_000)
  return result
}

describe('calls that ran at the same time', () => {
  it('are answered whatever order they had ended in [DUR-10]', async () => {
    const calls: string[] = []
    const result = await inTwo((isFirst) => async (session) => {
      const slow = deferred<string>()
      const both = await Promise.all([
        session.runTurn(() => (calls.push('a'), isFirst ? slow.promise : 'a'), { name: 'a' }),
        session.runTurn(() => (calls.push('b'), slow.resolve('a'), 'b'), { name: 'b' }),
      ])
      await session.step('rest', isFirst ? never : () => 0)
      return both.map(({ value }) => value)
    })
    expect(result).toEqual(['a', 'b'])
    expect(calls).toEqual(['a', 'b'])
  })

  it('go on from those that were answered: the others are called again [DUR-10]', async () => {
    const calls: string[] = []
    const result = await inTwo((isFirst) => async (session) => {
      const hangs = (name: string) => isFirst && ['b', 'd'].includes(name)
      const call = (name: string) => () => (calls.push(name), hangs(name) ? never() : `${name}!`)
      return Promise.all(['a', 'b', 'c', 'd'].map((name) => session.runTool(name, call(name), { idempotent: true })))
    })
    expect(result).toEqual(['a!', 'b!', 'c!', 'd!'])
    expect([...calls].sort()).toEqual(['a', 'b', 'b', 'c', 'd', 'd'])
  })

  it('and are the same in name and input are told apart by which of them they are [DUR-10]', async () => {
    let calls = 0
    const result = await inTwo((isFirst) => async (session) => {
      const all = await Promise.all([1, 2, 3].map(() => session.runTurn(() => (calls += 1), { input: 'same' })))
      await session.step('rest', isFirst ? never : () => 0)
      return all.map(({ value }) => value)
    })
    expect(result).toEqual([1, 2, 3])
    expect(calls).toBe(3)
  })

  it('may come in another order than before [DUR-10]', async () => {
    const result = await inTwo((isFirst) => async (session) => {
      const branch = async (name: string, laterTicks: number) => {
        for (let tick = 0; tick < laterTicks; tick += 1) await Promise.resolve()
        const { value } = await session.runTurn(() => `${name}1`, { name })
        return [value, (await session.runTurn(() => `${name}2`, { name })).value]
      }
      const all = await Promise.all([branch('a', isFirst ? 0 : 9), branch('b', isFirst ? 9 : 0)])
      await session.step('rest', isFirst ? never : () => 0)
      return all
    })
    expect(result).toEqual([
      ['a1', 'a2'],
      ['b1', 'b2'],
    ])
  })

  it('end a race as they did [DUR-11]', async () => {
    const result = await inTwo((isFirst) => async (session) => {
      const slow = deferred<string>()
      const loser = session.step('loser', () => (isFirst ? slow.promise : 'loser'))
      const winner = await Promise.race([loser, session.step('winner', () => 'winner')])
      slow.resolve('loser')
      await session.step('rest', isFirst ? never : () => 0)
      return [winner, await loser]
    })
    expect(result).toEqual(['winner', 'loser'])
  })

  it('end a race as they did, though a wait that lost it has long been over [DUR-11]', async () => {
    const result = await inTwo((isFirst) => async (session) => {
      const late = session.sleep(5_000).then(() => 'too late')
      const winner = await Promise.race([late, session.runTurn(() => 'in time').then(({ value }) => value)])
      await session.step('rest', isFirst ? never : () => 0)
      return winner
    })
    expect(result).toBe('in time')
  })

  it('lost a race against a wait, and lose it again [DUR-11]', async () => {
    const result = await inTwo((isFirst) => async (session) => {
      const turn = session.runTurn(isFirst ? never : () => 'quick now').then(({ value }) => value)
      const winner = await Promise.race([session.sleep(20).then(() => 'too slow'), turn])
      await session.step('rest', isFirst ? never : () => 0)
      return winner
    })
    expect(result).toBe('too slow')
  })

  it('are waits that were aborted, and those that were not, each as it was [DUR-11]', async () => {
    const result = await inTwo((isFirst) => async (session) => {
      const stop = new AbortController()
      const waits = [session.sleep(20, { signal: stop.signal }), session.sleep(20)].map(outcomeOf)
      if (isFirst) stop.abort(new Error('enough'))
      const outcomes = await Promise.all(waits)
      await session.step('rest', isFirst ? never : () => 0)
      return outcomes.map((outcome) => Object.keys(outcome))
    })
    expect(result).toEqual([['threw'], ['returned']])
  })
})

describe('a wait', () => {
  it('goes on for what is left of it, however late it is taken up [DUR-12]', async () => {
    const first = await startProcess()
    leave(run(first, (session) => session.sleep(1_000)))
    await pass(first, 400)
    const second = await first.crash()
    let isOver = false
    const resting = run(second, async (session) => {
      await session.sleep(1_000)
      isOver = true
      return session.now()
    })
    await pass(second, 599)
    expect(isOver).toBe(false)
    await pass(second, 1)
    expect(await resting).toBe(2_000)
  })

  it('that would be over by now is over at once [DUR-12]', async () => {
    const first = await startProcess()
    leave(run(first, (session) => session.sleep(1_000)))
    await pass(first, 400)
    await first.clock.advance(0)
    const second = await first.crash()
    await second.clock.advance(5_000)
    expect(await run(second, async (session) => (await session.sleep(1_000), session.now()))).toBe(6_400)
    expect(second.clock.pendingTimers).toBe(0)
  })
})
