import { describe, expect, it } from 'vitest'
import { main } from '../../examples/typed-output.js'
import { collect, shell } from './program.js'

const run = () => collect(main)

describe('the example of typed outputs', () => {
  it('repairs the first answer by telling the model what was wrong with it', async () => {
    const { lines } = await run()
    const from = lines.findIndex((line) => line.startsWith('1. '))
    expect(lines.slice(from, from + 8)).toEqual([
      '1. An answer that does not fit is repaired',
      '   “{"title":"Export and import hang","severity":"urgent","affects":"export, import"}”',
      expect.stringMatching(/turn-1 on scripted-small: 30 tokens in, 21 out, \$0\.0004$/) as string,
      expect.stringMatching(/it is told: severity: .*"low"\|"medium"\|"high"$/) as string,
      expect.stringMatching(/it is told: affects: .*array/) as string,
      '   “{"title":"Export and import hang","severity":"high","affects":["export","import"]}”',
      expect.stringMatching(/turn-2 on scripted-small: 97 tokens in, 21 out, \$0\.0006$/) as string,
      '   repairs: 1, tokens out of both turns: 42',
    ])
  })

  it('has a typed value of what was repaired', async () => {
    const { output } = await run()
    expect(output).toContain('HIGH  Export and import hang  (export and import)')
  })

  it('gives up a model that does not listen, and shows what was paid for', async () => {
    const { output, runtime } = await run()
    expect(output).toContain("output 'report' is not valid JSON")
    expect(output).toContain('paid for, and on the error: turn-4, “The export hangs. That is bad!”')
    expect(runtime.select.session('session-1')).toMatchObject({
      lifecycle: { status: 'completed' },
      turns: { iterations: 4, completed: 4 },
    })
  })

  it('shows what its turns cost', async () => {
    const { lines, runtime } = await run()
    expect(lines.at(-1)).toBe('4. All of it cost $0.0036 in 4 turns')
    const costUsd = (127 * 3 + 42 * 15 + 90 * 15 + 16 * 75) / 1e6
    expect(runtime.select.totals().costUsd).toBeCloseTo(costUsd, 12)
  })

  it('prints the same as a program', async () => {
    const { stdout, stderr } = await shell('tsx examples/typed-output.ts')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${(await run()).output}\n`)
  })
})
