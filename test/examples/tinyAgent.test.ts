import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { main, type Options } from '../../examples/tiny-agent.js'
import {
  answer,
  refuse,
  serverError,
  startChatCompletionsServer,
  type ChatCompletionsServer,
} from '../support/chatCompletionsServer.js'
import { rejection } from '../support/runtime.js'

const STEPS = [
  '1. The writer drafts under an enforced budget',
  '2. It is refused one tool and uses another',
  '3. It trips a circuit breaker, and a probe closes it again',
  '4. The draft passes a quality gate',
  '5. A policy decides what comes next',
  '6. The writer hands off, and the editor picks it up',
]

const STACK_TRACE = /^\s+at .*:\d+/m

async function run(options: Partial<Options> = {}) {
  const lines: string[] = []
  const runtime = await main({ env: {}, write: (line) => lines.push(line), ...options })
  return { runtime, output: lines.join('\n'), types: runtime.log.facts().map(({ type }) => type) }
}

/** The cells of the rows in which one of the tables mentions `name` first. */
function rowsOf(output: string, name: string): string[][] {
  const rows = output.split('\n').map((line) => line.split('│').map((cell) => cell.trim()))
  return rows.filter(([, first]) => first === name).map((row) => row.slice(1, -1))
}

describe('the example, offline', () => {
  it('leaves the facts of its seven steps in order', async () => {
    const { types } = await run()
    const failure = ['turns/started', 'turns/failed', 'recovery/attempted']
    expect(types).toEqual([
      ...['pricing/registered', 'breakers/configured', 'orchestrators/registered', 'orchestrators/registered'],
      ...['sessions/opened', 'turns/started', 'turns/completed'],
      ...['tools/blocked', 'tools/started', 'tools/completed'],
      ...[...failure, ...failure, ...failure, 'turns/refused', 'turns/started', 'turns/completed'],
      'gates/evaluated',
      'policies/evaluated',
      ...['handoffs/issued', 'sessions/opened', 'turns/started', 'turns/completed'],
      ...['tools/started', 'tools/completed', 'sessions/completed'],
    ])
  })

  it('has the editor adopt the session that the handoff registered', async () => {
    const { runtime } = await run()
    expect(runtime.select.session('session-1')).toMatchObject({ role: 'writer', lifecycle: { status: 'completed' } })
    expect(runtime.select.session('session-2')).toMatchObject({
      role: 'editor',
      handoff: { sourceRole: 'writer', targetSessionId: 'session-2' },
      lifecycle: { status: 'completed' },
    })
    expect(runtime.select.pendingHandoffs()).toEqual([])
  })

  it('ends with a closed breaker after an open and a half-open one', async () => {
    const { runtime, output } = await run()
    expect(runtime.select.breaker('model-api')).toMatchObject({ state: 'closed', failures: 0 })
    expect(output).toMatch(/model-api' is open: 4 turns, 3 calls[^]*it is half_open[^]*it is closed/)
    expect(rowsOf(output, 'model-api')).toEqual([['model-api', 'closed', '0', '3']])
  })

  it('shows its seven steps in order', async () => {
    const { output } = await run()
    const steps = output.split('\n').filter((line) => /^\d\. /.test(line))
    expect(steps).toEqual([...STEPS, '7. All of it cost $0.06'])
  })

  it('shows what each turn and each model cost', async () => {
    const { output } = await run()
    expect(rowsOf(output, 'writer').map(([, ...cells]) => cells)).toEqual([
      ['turn-1', 'scripted-small', 'completed', '1850', '0', '640', '$0.015150', '1200 ms'],
      ['turn-2', 'scripted-outage', 'dependency_failed', '', '', '', '', '0 ms'],
      ['turn-3', 'scripted-outage', 'dependency_failed', '', '', '', '', '0 ms'],
      ['turn-4', 'scripted-outage', 'dependency_failed', '', '', '', '', '0 ms'],
      ['refused', 'scripted-outage', 'circuit_open', '', '', '', '', ''],
      ['turn-5', 'scripted-small', 'completed', '420', '1850', '590', '$0.010665', '900 ms'],
    ])
    expect(rowsOf(output, 'scripted-small')).toEqual([['scripted-small', '2', '2270', '1850', '1230', '$0.025815']])
    expect(rowsOf(output, 'scripted-large')).toEqual([['scripted-large', '1', '760', '0', '310', '$0.034650']])
  })

  it('finds the runtime’s state in its log', async () => {
    const { output, types } = await run()
    expect(output.split('\n').at(-1)).toContain(`${types.length} facts, replayed, give the state the runtime is in`)
    expect(rowsOf(output, '31')).toEqual([['31', '00:00:33.700', '@session-2', 'sessions/completed']])
  })

  it('says the same every time', async () => {
    const [first, second] = [await run(), await run()]
    expect(second.output).toBe(first.output)
    expect(second.runtime.log.facts()).toEqual(first.runtime.log.facts())
  })

  it('says the same in colour', async () => {
    const [plain, colored] = [await run(), await run({ color: true })]
    expect(colored.output).not.toBe(plain.output)
    expect(stripVTControlCharacters(colored.output)).toBe(plain.output)
    expect(stripVTControlCharacters(plain.output)).toBe(plain.output)
  })
})

describe('the example against a provider', () => {
  let server: ChatCompletionsServer

  beforeEach(async () => {
    server = await startChatCompletionsServer()
  })

  afterEach(() => server.close())

  const content =
    'A log is a list of what happened, kept in order and never rewritten by anybody, so it can be read again.'
  const env = (more = {}) => ({ OPENAI_API_KEY: 'test', OPENAI_BASE_URL: server.url, ...more })

  it('drafts in one piece and edits as a stream', async () => {
    server.script(answer({ content }), answer({ content }), answer({ content }))
    const { output } = await run({ env: env() })
    expect(server.requests.map(({ body }) => body.stream ?? false)).toEqual([false, false, true])
    expect(server.requests.map(({ body }) => body.model)).toEqual(Array(3).fill('gpt-5.6-luna'))
    expect(server.requests[2]?.body.stream_options).toEqual({ include_usage: true })
    expect(server.requests[2]?.body.messages).toEqual([{ role: 'user', content: `Tighten this: ${content}` }])
    expect(output.split('\n').filter((line) => /^[1-6]\. /.test(line))).toEqual(STEPS)
    expect(output).toContain('the outage is scripted')
  })

  it('prices what the provider says was used', async () => {
    const used = (prompt: number, cached: number, completion: number) => ({
      prompt_tokens: prompt,
      completion_tokens: completion,
      total_tokens: prompt + completion,
      prompt_tokens_details: { cached_tokens: cached },
    })
    server.script(
      answer({ content, usage: used(10_000, 0, 2_000) }),
      answer({ content, usage: used(20_000, 8_000, 3_000) }),
      answer({ content, usage: used(5_000, 1_000, 4_000) }),
    )
    const { output, runtime } = await run({ env: env() })
    const costUsd = (26_000 * 0.2 + 9_000 * 0.02 + 9_000 * 1.2) / 1e6
    expect(rowsOf(output, 'gpt-5.6-luna')).toEqual([
      ['gpt-5.6-luna', '3', '26000', '9000', '9000', `$${costUsd.toFixed(6)}`],
    ])
    expect(output).toContain('7. All of it cost $0.02')
    expect(runtime.select.totals().costUsd).toBeCloseTo(costUsd, 12)
  })

  it('says so when it does not know the price of the model', async () => {
    server.script(answer({ content }), answer({ content }), answer({ content }))
    const { output, runtime } = await run({ env: env({ OPENAI_MODEL: 'a-model-of-ones-own' }) })
    expect(output).toContain("model 'a-model-of-ones-own' has no price")
    expect(rowsOf(output, 'a-model-of-ones-own')[0]?.at(-1)).toBe('unpriced')
    expect(runtime.select.totals().unpricedModels).toEqual(['a-model-of-ones-own'])
  })

  it('does not hand a draft on that its gate does not let through', async () => {
    server.script(answer({ content: 'Too short.' }), answer({ content: 'Still.' }))
    const lines: string[] = []
    const error = await rejection(main({ env: env(), write: (line) => lines.push(line) }))
    expect(error).toMatchObject({ message: 'the draft is not good enough for an editor' })
    expect(lines.join('\n')).toContain('phase.gate_failed')
    expect(server.requests).toHaveLength(2)
  })

  it('sends a request once, and leaves what to do about a failure to the runtime', async () => {
    server.script(serverError())
    const error = await rejection(run({ env: env() }))
    expect(error).toMatchObject({ status: 500 })
    expect(server.requests).toHaveLength(1)
  })

  it('ends with one line and an exit code when the provider refuses it', async () => {
    server.script(refuse(401, { message: 'no such key', type: 'invalid_request_error', code: 'invalid_api_key' }))
    const { code, stdout, stderr } = await spawnExample(env())
    expect(code).toBe(1)
    expect(stderr).toBe('Error: 401 no such key\n')
    expect(stdout).toContain(STEPS[0])
    expect(stdout).not.toMatch(STACK_TRACE)
  })
})

describe('the example as a program', () => {
  it('prints what it prints in process, and exits with 0', async () => {
    const { code, stdout, stderr } = await spawnExample({})
    expect(stderr).toBe('')
    expect(code).toBe(0)
    expect(stdout).toBe(`${(await run()).output}\n`)
    expect(stdout).not.toMatch(STACK_TRACE)
  })

  it('does nothing when it is only imported', async () => {
    const { code, stdout } = await spawnNode(['--import', 'tsx', '-e', 'import("./examples/tiny-agent.ts")'], {})
    expect(code).toBe(0)
    expect(stdout).toBe('')
  })
})

function spawnExample(env: Readonly<Record<string, string>>) {
  return spawnNode(['--import', 'tsx', 'examples/tiny-agent.ts'], env)
}

/** Nothing of this process's own OPENAI_* or colour settings reaches the child. */
async function spawnNode(args: readonly string[], env: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, args, {
    cwd: fileURLToPath(new URL('../..', import.meta.url)),
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), exit])
  return { stdout, stderr, code }
}
