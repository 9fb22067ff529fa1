import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { main } from '../../examples/tiny-agent.js'

/** What the README's reader has and the README does not show: a model to call. */
const PREAMBLE = `
async function callModel(prompt: string, signal: AbortSignal) {
  signal.throwIfAborted()
  return { text: 'An answer to ' + prompt, usage: { inputTokens: 20, outputTokens: 30 } }
}
`

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
    const file = join('test', 'docs', 'generated', 'readme.ts')

    beforeAll(async () => {
      const snippets = blocks(readme, 'ts')
      expect(snippets.length).toBeGreaterThan(10)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, [PREAMBLE, ...snippets].join('\n'))
    })

    afterAll(() => rm(dirname(file), { recursive: true, force: true }))

    it('compiles', () => {
      const config = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path))
      const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, '.')
      const program = ts.createProgram([file], options)
      const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file))
      expect(problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))).toEqual([])
    })

    it('runs, and says what it says', async () => {
      const said: unknown[][] = []
      const spy = vi.spyOn(console, 'log').mockImplementation((...args) => void said.push(args))
      await import(pathToFileURL(file).href)
      spy.mockRestore()
      expect(said).toContainEqual([true, 'retrieval-augmented generation'])
      expect(said).toContainEqual(['llm_error', 'rate_limit', ['retry_with_backoff', 'switch_provider']])
      expect(said).toContainEqual([
        'budget exceeded: $0.75 > $0.50',
        true,
        expect.objectContaining({ value: 'an expensive answer' }),
      ])
      expect(said.flat()).toContain('TurnTimeoutError: turn exceeded timeout of 30.000s')
    })
  })
})

/** The contents of the fenced blocks of one language, in order. */
function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, body]) => body ?? '')
}
