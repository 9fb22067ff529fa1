import { describe, expect, it } from 'vitest'
import { main } from '../../examples/streaming.js'
import { collect, shell } from './program.js'

const run = () => collect(main)

describe('the example of streams', () => {
  it('shows its five steps in order', async () => {
    const { lines } = await run()
    expect(lines.filter((line) => /^\d\. /.test(line))).toEqual([
      '1. The answer is read as it comes',
      '2. Its reader has seen enough: the model stops, and what it used until then is paid for',
      '3. It stalls: the next attempt starts the text afresh',
      '4. The first question again, in another session: its key has the answer',
      '5. All of it cost $0.01, and left these facts',
    ])
  })

  it('reads a piece at a time, and stops the model when nobody reads on', async () => {
    const { output } = await run()
    expect(output).toMatch(/0\.4s {2}“The moon ”\n +0\.8s {2}“pulls at ”\n +1\.2s {2}“the sea\.”\n/)
    expect(output).toMatch(/2\.0s {2}“does, ”\n.*120 out.*\n +the model stops after 2 of 4 pieces\n/)
    expect(output).toContain('1 turn was cancelled, 300 tokens came out of both')
  })

  it('forgets what a stalled attempt had sent', async () => {
    const { output } = await run()
    expect(output).toMatch(/7\.4s {2}guide +turn-3.* 60 out/)
    expect(output).toMatch(/8\.4s {2}attempt 2: forget the text so far\n +8\.8s {2}“Rivers bring ”\n[^]*34 characters/)
  })

  it('answers a key again for nothing', async () => {
    const { output, runtime } = await run()
    expect(output).toContain('“The moon pulls at the sea.”, all at once')
    expect(output).toContain('it cost $0.0000, and counts for this session’s budget: $0.0039')
    expect(runtime.select.totals()).toMatchObject({ turns: 3, outputTokens: 180 + 120 + 60 + 180 })
  })

  it('leaves no text in its log but the answer that a key stands for', async () => {
    const { output, runtime } = await run()
    const log = JSON.stringify(runtime.log.facts())
    expect(log).toContain('The moon')
    for (const word of ['wind', 'Rivers', 'What makes']) expect(log).not.toContain(word)
    expect(output).toMatch(/17 facts, 1 with text, replayed, give the state the runtime is in$/)
  })

  it('prints the same as a program', async () => {
    const { stdout, stderr } = await shell('tsx examples/streaming.ts')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${(await run()).output}\n`)
  })
})
