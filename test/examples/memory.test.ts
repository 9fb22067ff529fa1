import { describe, expect, it } from 'vitest'
import { main } from '../../examples/memory.js'
import { collect, shell } from './program.js'

const run = () => collect(main)

/** The lines below the title of a step, without their indent. */
function stepOf(lines: readonly string[], number: number): string[] {
  const from = lines.findIndex((line) => line.startsWith(`${number}. `)) + 1
  const length = lines.slice(from).findIndex((line) => line === '')
  return lines.slice(from, length < 0 ? undefined : from + length).map((line) => line.trim())
}

describe('the example of conversation memory', () => {
  it('keeps its prompts small however long the chat gets', async () => {
    const { lines } = await run()
    const rows = stepOf(lines, 1).map((line) => [...line.matchAll(/\d+/g)].map(([digits]) => Number(digits)))
    expect(rows.map(([question, said]) => [question, said])).toEqual(
      [1, 2, 5, 10, 20, 40].map((question) => [question, 2 * question]),
    )
    const [tokensAt5, ...tokensLater] = rows.map(([, , , tokensIn]) => tokensIn ?? 0).slice(2)
    expect(tokensAt5).toBeLessThan(120)
    for (const tokensIn of tokensLater) expect(tokensIn).toBeLessThan(160)
  })

  it('keeps the instructions and the latest messages', async () => {
    const { lines } = await run()
    const kept = stepOf(lines, 2)
    expect(kept).toHaveLength(13)
    expect(kept[0]).toBe('system     You know gardens. Answer in one sentence.')
    expect(kept.slice(-2)).toEqual([
      'user       When do I store the squash?',
      'assistant  In week 29: store the squash on a dry day.',
    ])
  })

  it('goes on in another session with what was kept as JSON', async () => {
    const { lines, runtime } = await run()
    expect(stepOf(lines, 3)).toEqual([
      'checkpoint-1 holds the same messages',
      'user       When do I sow the beans?',
      'assistant  In week 10: sow the beans on a dry day.',
    ])
    expect(runtime.select.session('session-2')).toMatchObject({ turns: { completed: 1 } })
  })

  it('has none of it in its log', async () => {
    const { lines, runtime } = await run()
    expect(lines.at(-1)).toContain('88 facts, 0 of the messages in them')
    expect(JSON.stringify(runtime.log.facts())).not.toMatch(/squash|dry day|gardens/)
    expect(lines).toContain('4. All of it cost $0.02')
  })

  it('prints the same as a program', async () => {
    const { stdout, stderr } = await shell('tsx examples/memory.ts')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${(await run()).output}\n`)
  })
})
