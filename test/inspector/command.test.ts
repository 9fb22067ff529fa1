import { writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Output } from '../../src/cli/io.js'
import { openLogFile } from '../../src/cli/openLog.js'
import { main } from '../../src/cli/program.js'
import { createClient, tokenOf } from '../../src/inspector/model/index.js'
import { run } from '../cli/run.js'
import { tellStory } from '../cli/story.js'
import { ask } from './ask.js'
import { useServing } from './serving.js'

/** Runs the program, and interrupts it when `use` is done with what it has printed. */
async function inspect(argv: readonly string[], use: (printed: string) => Promise<void>): Promise<number> {
  let printed = ''
  let interrupt: () => void = () => undefined
  const interrupted = new Promise<void>((resolve) => (interrupt = resolve))
  const output: Output = { isTerminal: false, write: () => undefined, flush: () => undefined }
  let used: Promise<void> | undefined
  const code = await main(['inspect', ...argv], {
    stdout: {
      ...output,
      write: (text) => void (printed += text),
      flush: () => void (used ??= use(printed).finally(interrupt)),
    },
    stderr: output,
    env: {},
    now: () => 0,
    openLog: openLogFile,
    interrupted: () => interrupted,
  })
  await used
  return code
}

function clientOf(url: string) {
  const { origin, hash } = new URL(url)
  return createClient({ origin, token: tokenOf(hash) })
}

describe('inspect', () => {
  const serving = useServing()
  const { files } = serving

  it('prints an address that gives the log to who has it, until it is interrupted [INSP-1]', async () => {
    const path = await files.writeStory()
    let url = ''
    const code = await inspect([path], async (printed) => {
      expect(files.tidy(printed)).toMatch(/^a\.jsonl: http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{22}\n$/)
      url = printed.trim().split(' ').at(-1) ?? ''
      const client = clientOf(url)
      const [log] = await client.logs()
      expect((await client.load(log!)).head).toBe(31)
    })
    expect(code).toBe(0)
    await expect(ask(url)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  it('serves two logs, prints JSON, and shows content when it is asked to [INSP-1, INSP-8]', async () => {
    const facts = await tellStory()
    const paths = [await files.write(facts), await files.write(facts.slice(0, 9), 'b.jsonl')]
    const code = await inspect([...paths, '--json', '--content'], async (printed) => {
      const { url } = JSON.parse(printed) as { url: string }
      const logs = await clientOf(url).logs()
      expect(logs.map(({ name, content }) => [name, content])).toEqual([
        ['a.jsonl', true],
        ['b.jsonl', true],
      ])
    })
    expect(code).toBe(0)
  })

  it('says in one line what cannot be inspected [INSP-6]', async () => {
    const path = await files.writeStory()
    await writeFile(files.path('empty.jsonl'), '')
    const told = async (...argv: string[]) => {
      const { code, stdout, stderr } = await run(['inspect', ...argv])
      return [code, stdout, files.tidy(stderr)]
    }
    const program = 'redux-agent-runtime:'
    expect(await told(files.path('nowhere'))).toEqual([
      2,
      '',
      `${program} nowhere cannot be read: there is no such file\n`,
    ])
    expect(await told(path, files.path('empty.jsonl'))).toEqual([
      2,
      '',
      `${program} empty.jsonl is not a log: it is empty\n`,
    ])
    const [, , wrongPort] = await told(path, '--port', '65536')
    expect(wrongPort).toContain("'65536' is invalid. It must be an integer from 0 to 65535.")
    const { origin } = await serving.serve([path])
    const { port } = new URL(origin)
    expect(await told(path, '--port', port)).toEqual([
      2,
      '',
      `${program} port ${port} is in use: choose another one with --port\n`,
    ])
  })
})
