import { describe, expect, it } from 'vitest'
import { main } from '../../examples/fork-and-diff.js'
import { facts } from '../../src/index.js'
import { shell } from './program.js'

async function run() {
  const lines: string[] = []
  const recorded = await main({ write: (line) => lines.push(line) })
  return { recorded, lines, output: lines.join('\n') }
}

describe('the example of a fork', () => {
  it('shows its four steps in order', async () => {
    const { lines } = await run()
    expect(lines.filter((line) => /^\d\. /.test(line))).toEqual([
      '1. The letter is written, in three turns',
      '2. The thread is forked after its second turn',
      '3. It runs on with another prompt',
      '4. What is different',
    ])
  })

  it('pays on the fork for the last turn only', async () => {
    const { lines, recorded } = await run()
    const told = lines.filter((line) => /^ {3}(outline|draft|polish)/.test(line)).map((line) => line.trim())
    expect(told).toEqual([
      ...['outline  called', 'draft    called', 'polish   called'],
      ...['outline  from the log', 'draft    from the log', 'polish   called'],
    ])
    const paid = recorded.filter(facts.turnCompleted.match)
    expect(paid.at(-1)?.meta.stream).toBe('customer-17/bold')
    expect(lines.join('\n')).toContain('the letter had cost $0.000867; the second one took $0.000345 more')
  })

  it('says where the two part, and what each came to', async () => {
    const { output } = await run()
    expect(output).toMatch(/a: "Dear customer, we are sorry.*\n +b: "Dear customer, we got it wrong/)
    expect(output).toContain('3 turns in a, 3 in b')
    expect(output).toContain('b came to $0.000045 less than a')
    expect(output).not.toContain('only_a')
  })

  it('prints the same as a program', async () => {
    const { stdout, stderr } = await shell('tsx examples/fork-and-diff.ts')
    expect(stderr).toBe('')
    expect(stdout).toBe(`${(await run()).output}\n`)
  })
})
