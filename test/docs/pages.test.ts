import { readdirSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { snippetProgram } from './snippets.js'

/** Each page of the documentation is one program. A comment `// prints: ...` behind a `console.log` says what that prints. */
const pages = readdirSync('docs').filter((name) => name.endsWith('.md'))

describe.each(pages)('docs/%s', (page) => {
  const program = snippetProgram(`docs/${page}`, `test/docs/generated/${page.replace('.md', '')}`)
  beforeAll(program.write)
  afterAll(program.remove)
  afterEach(() => void vi.restoreAllMocks())

  it('compiles', { timeout: 60_000 }, () => expect(program.problems()).toEqual([]))

  it('runs, and prints what it says it prints', async () => {
    const said: string[] = []
    vi.spyOn(console, 'log').mockImplementation((...args) => void said.push(args.map(String).join(' ')))
    await program.run()
    expect(said).toEqual(program.expected())
  })
})
