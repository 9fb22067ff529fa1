import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main } from '../../examples/durable-agent.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { loadState } from '../../src/index.js'
import { rejection } from '../support/runtime.js'
import { blocks } from '../docs/snippets.js'
import { shell } from './program.js'

const SEARCHES = ['tool search moon', 'tool search sun', 'tool search coast']
const ALL = ['turn plan', ...SEARCHES, 'turn draft', 'turn check', 'tool publish']

describe('the example of an agent that is killed', () => {
  let folder = ''
  let path = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'durable-agent-'))
    path = join(folder, 'agent.jsonl')
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  /** What a process called, and what it had from the log. */
  async function run() {
    const lines: string[] = []
    await main({ write: (line) => lines.push(line.trim()), args: [path] })
    const told = (how: string) => lines.filter((line) => line.startsWith(how)).map((line) => line.slice(14))
    return { lines, called: told('called'), recorded: told('from the log') }
  }

  /** Not by a shell, which would have a code instead of a signal. */
  function kill(call: number): Promise<unknown> {
    const args = ['--import', 'tsx', 'examples/durable-agent.ts', path, '--kill-at', String(call)]
    return rejection(promisify(execFile)(process.execPath, args))
  }

  it('calls everything once when nobody kills it, and nothing when it has finished', async () => {
    expect(await run()).toMatchObject({ called: ALL, recorded: [] })
    const again = await run()
    expect(again).toMatchObject({ called: [], recorded: [] })
    expect(again.lines.at(-1)).toMatch(/^finished before; \$/)
  })

  it('calls again only what was in flight when it was killed', async () => {
    expect(await kill(5)).toMatchObject({ signal: 'SIGKILL' })
    expect(await run()).toMatchObject({
      called: ['turn draft', 'turn check', 'tool publish'],
      recorded: ALL.slice(0, 4),
    })
  })

  it('prints what the README shows', async () => {
    const killed = (await kill(5)) as { readonly stdout: string }
    const lines: string[] = []
    await main({ write: (line) => lines.push(line), args: [path] })
    const [transcript = ''] = blocks(await readFile('README.md', 'utf8'), 'console')
    const [, first, second] = transcript.split(/^\$ .*\n/m)
    expect([killed.stdout, `${lines.join('\n')}\n`]).toEqual([first, second])
  })

  it('publishes once, although nobody has recorded that it did', async () => {
    await kill(7)
    const report = await readFile(`${path}.txt`, 'utf8')
    const { lines, called } = await run()
    expect(called).toEqual([])
    expect(lines).toContain('nobody knows what tool publish did: the report is there')
    expect(await readFile(`${path}.txt`, 'utf8')).toBe(report)
  })

  it('publishes when it finds out that it has not', async () => {
    await kill(7)
    await rm(`${path}.txt`)
    const { lines, called } = await run()
    expect(lines).toContain('nobody knows what tool publish did: the report is not there, so it is called again')
    expect(called).toEqual(['tool publish'])
    expect(await readFile(`${path}.txt`, 'utf8')).toContain('fit to print')
  })

  it('leaves its log and its report, and a log that others may write', async () => {
    await run()
    expect((await readdir(folder)).sort()).toEqual(['agent.jsonl', 'agent.jsonl.snapshot', 'agent.jsonl.txt'])
    const log = await openJsonlLog(path)
    expect((await loadState(log)).sessions.scopes.runtime).toMatchObject({ turns: { completed: 3 } })
    await log.close()
  })

  it('shows all of it by itself, and leaves nothing behind', { timeout: 60_000 }, async () => {
    const { stdout, stderr } = await shell(`TMPDIR=${folder} tsx examples/durable-agent.ts`)
    expect(stderr).toBe('')
    expect(stdout.split('\n').filter((line) => /^\d\. /.test(line))).toEqual([
      '1. A process runs it, and is killed when its draft is written and not yet recorded',
      '2. The next process runs it again, and is killed when it has published',
      '3. The next one finds out whether it was published, and finishes',
      '4. Whoever runs it after that gets what it returned',
    ])
    expect(stdout.match(/ended by SIGKILL/g)).toHaveLength(2)
    expect(stdout).toContain('0 calls, 6 answers from the log')
    expect((await readdir(folder)).filter((name) => name.startsWith('durable-agent'))).toEqual([])
  })
})
