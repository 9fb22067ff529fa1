import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import ts from 'typescript'

/** What the reader of a page has and the page does not show: a model to call, and one that streams. */
const PREAMBLE = `
async function callModel(prompt: string, signal?: AbortSignal) {
  signal?.throwIfAborted()
  return { text: 'An answer to ' + prompt, usage: { inputTokens: 20, outputTokens: 30 } }
}
async function* streamModel(prompt: string, signal?: AbortSignal) {
  for (const word of ['An ', 'answer ', 'to ', prompt]) {
    signal?.throwIfAborted()
    yield word
  }
}
`

/** The TypeScript snippets of a page, in order, as one program. */
export function snippetProgram(page: string, directory: string) {
  let snippets: readonly string[] = []
  const file = `${directory}/${basename(page, '.md')}.ts`
  return {
    async write(): Promise<void> {
      snippets = blocks(await readFile(page, 'utf8'), 'ts')
      const used = PREAMBLE.split(/(?=^async function)/m).filter((part) =>
        snippets.some((snippet) => snippet.includes(/function\*? (\w+)/.exec(part)?.[1] ?? '\0')),
      )
      await mkdir(directory, { recursive: true })
      await writeFile(file, [...used, ...snippets, 'export {}'].join('\n'))
    },
    problems(): readonly string[] {
      const config = ts.readConfigFile('tsconfig.json', (path) => ts.sys.readFile(path))
      const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, '.')
      const program = ts.createProgram([file], options)
      const problems = ts.getPreEmitDiagnostics(program, program.getSourceFile(file))
      return problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
    },
    /** What the page says is printed, line by line. */
    expected: (): readonly string[] =>
      snippets.flatMap((snippet) => [...snippet.matchAll(/\/\/ prints: (.*)$/gm)].map(([, line]) => line ?? '')),
    run: (): Promise<unknown> => import(pathToFileURL(file).href),
    remove: (): Promise<void> => rm(directory, { recursive: true, force: true }),
  }
}

/** The contents of the fenced blocks of one language, in order. */
export function blocks(markdown: string, language: string): string[] {
  return [...markdown.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, body]) => body ?? '')
}
