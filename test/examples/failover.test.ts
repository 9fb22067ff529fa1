import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import { main, type Options } from '../../examples/failover.js'

async function run(options: Partial<Options> = {}) {
  const lines: string[] = []
  const runtime = await main({ write: (line) => lines.push(line), ...options })
  return { runtime, output: lines.join('\n'), types: runtime.log.facts().map(({ type }) => type) }
}

/** The cells of the rows of the table that tells of one turn. */
function attemptsOf(output: string, turn: string): string[][] {
  const rows = output.split('\n').map((line) => line.split('│').map((cell) => cell.trim()))
  return rows.filter(([, first]) => first === turn).map((row) => row.slice(2, -1))
}

describe('the example of providers that fail', () => {
  it('shows its seven steps in order', async () => {
    const { output } = await run()
    expect(output.split('\n').filter((line) => /^\d\. /.test(line))).toEqual([
      '1. All is well: the first provider answers',
      '2. It is down: the router switches to the second',
      '3. It is busy, and asks for three seconds',
      '4. The context is too long: less of it is sent',
      '5. It does not answer, and a person is asked',
      '6. Three calls at once: the rate limit lets them go one by one',
      '7. All of it cost $0.09',
    ])
  })

  it('leaves the facts of a turn that was recovered', async () => {
    const { runtime } = await run()
    const turn = runtime.log.facts('@session-1').filter(({ payload }) => {
      const { turnId, callId } = payload as { turnId?: string; callId?: string }
      return [turnId, callId].includes('turn-2')
    })
    expect(turn.map(({ type }) => type)).toEqual([
      ...['turns/started', 'turns/attemptFailed', 'recovery/attempted', 'turns/retried', 'turns/completed'],
    ])
  })

  it('says what became of each attempt', async () => {
    const { output } = await run()
    expect(attemptsOf(output, 'turn-1')).toEqual([['1', 'north', '', '', 'answered']])
    expect(attemptsOf(output, 'turn-2')).toEqual([
      ['1', 'north', '', '', 'provider_failure'],
      ['2', 'south', 'switch_provider', '0 ms', 'answered'],
    ])
    expect(attemptsOf(output, 'turn-3')).toEqual([
      ['1', 'north', '', '', 'llm_error'],
      ['2', 'north', 'retry_with_backoff', '3000 ms', 'answered'],
    ])
    expect(attemptsOf(output, 'turn-4').at(-1)?.slice(2)).toEqual([
      ...['retry_with_smaller_context, reduce_tool_set', '0 ms', 'answered'],
    ])
    expect(attemptsOf(output, 'turn-5').map(([, , done, , outcome]) => [done, outcome])).toEqual([
      ['', 'llm_timeout'],
      ['retry_with_backoff', 'llm_timeout'],
      ['retry_with_backoff', 'llm_timeout'],
      ['a person said so', 'answered'],
    ])
  })

  it('spaces the calls that come at once as the rate limit wants it', async () => {
    const { output } = await run()
    const times = output.split('\n').flatMap((line) => /([\d.]+)s {2}support {2}turn-[678] on/.exec(line)?.[1] ?? [])
    expect(times.map((time, index) => Number(time) - Number(times[index - 1] ?? time))).toEqual([0, 10, 10])
  })

  it('pays each attempt at the price of its provider', async () => {
    const { runtime } = await run()
    expect(runtime.select.totals().models.map(({ model, turns }) => [model, turns])).toEqual([
      ['north-large', 7],
      ['south-small', 1],
    ])
  })

  it('finds the runtime’s state in its log', async () => {
    const { output, types } = await run()
    expect(output.split('\n').at(-1)).toContain(`${types.length} facts, replayed, give the state the runtime is in`)
  })

  it('says the same every time, in colour too', async () => {
    const [first, second, colored] = [await run(), await run(), await run({ color: true })]
    expect(second.output).toBe(first.output)
    expect(second.runtime.log.facts()).toEqual(first.runtime.log.facts())
    expect(colored.output).not.toBe(first.output)
    expect(stripVTControlCharacters(colored.output)).toBe(first.output)
  })
})
