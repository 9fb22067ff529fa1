import { describe, expect, it } from 'vitest'
import { main } from '../../examples/parallel-tools.js'
import { collect, shell } from './program.js'

const run = () => collect(main)

describe('the example of parallel tools', () => {
  it('shows its four steps in order', async () => {
    const { lines } = await run()
    expect(lines.filter((line) => /^\d\. /.test(line))).toEqual([
      '1. Three searches, two at a time: the results come in the order asked for',
      '2. One fails: the others are aborted, and its error is thrown',
      '3. Every outcome is asked for: each call is allowed, timed and recorded on its own',
      '4. What the log knows of it',
    ])
  })

  it('returns results in the order asked for, though the first takes longest', async () => {
    const { lines } = await run()
    expect(lines.filter((line) => line.includes('“')).slice(0, 3)).toEqual([
      '   “trains, found in 900 ms”',
      '   “hotels, found in 300 ms”',
      '   “weather, found in 400 ms”',
    ])
  })

  it('aborts the others after a failure, and says what became of each call', async () => {
    const { output, runtime } = await run()
    expect(output).toMatch(/flights\n.*trains was told to stop\n.*hotels was told to stop\n.*Error: no such airport/)
    expect(output).toMatch(/book +PermissionDeniedError: .*\n +ferries +ToolTimeoutError/)
    expect(runtime.select.summary('session-1').tools).toMatchObject({
      ...{ attempted: 8, started: 8, completed: 4, failed: 2, cancelled: 2, blocked: 1 },
    })
  })

  it('ends with a log that gives its state again', async () => {
    const { lines } = await run()
    expect(lines.at(-1)).toBe('   20 facts, replayed, give the state the runtime is in')
  })

  it('prints the same as a program', async () => {
    const { stdout, stderr } = await shell('tsx examples/parallel-tools.ts')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${(await run()).output}\n`)
  })
})
