import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { main } from '../../examples/tiny-agent.js'
import { blocks, snippetProgram } from './snippets.js'

describe('the README', () => {
  let readme = ''

  beforeAll(async () => {
    readme = await readFile('README.md', 'utf8')
  })

  it('shows what npm start prints', async () => {
    const lines: string[] = []
    await main({ env: {}, write: (line) => lines.push(line) })
    const shown = blocks(readme, 'text')[0]!
      .split('\n')
      .filter((line) => !['', '…'].includes(line.trim()))
    let next = 0
    for (const line of shown) {
      const found = lines.findIndex((printed, index) => index >= next && printed.trimEnd() === line.trimEnd())
      expect(found, `“${line}” is printed after line ${next}`).toBeGreaterThanOrEqual(0)
      next = found + 1
    }
    expect(shown.length).toBeGreaterThan(20)
  })

  describe('read as one program', () => {
    const program = snippetProgram('README.md', 'test/docs/generated/readme')
    beforeAll(program.write)
    afterAll(program.remove)

    it('compiles', { timeout: 60_000 }, () => expect(program.problems()).toEqual([]))

    it('runs, and says what it says', async () => {
      const said: unknown[][] = []
      const spy = vi.spyOn(console, 'log').mockImplementation((...args) => void said.push(args))
      await program.run()
      spy.mockRestore()
      expect(said).toContainEqual([true, 'retrieval-augmented generation'])
      expect(said).toContainEqual(['llm_error', 'rate_limit', ['retry_with_backoff', 'switch_provider']])
      expect(said).toContainEqual([
        'budget exceeded: $0.75 > $0.50',
        true,
        expect.objectContaining({ value: 'an expensive answer' }),
      ])
      expect(said.flat()).toContain('TurnTimeoutError: turn exceeded timeout of 30.000s')
      expect(said).toContainEqual([false, true, { order: 17 }])
      expect(said).toContainEqual(['posted'])
      expect(said.flat()).toContain('second, at attempt 2: An answer to go on')
    })
  })
})
