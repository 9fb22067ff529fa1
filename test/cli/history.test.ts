import { readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { formatApart } from '../../src/cli/text.js'
import { withHashChain } from '../../src/history/hashChain.js'
import { createMemoryLog } from '../../src/index.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { run, useFolder } from './run.js'
import { tellStory } from './story.js'

describe('verify', () => {
  const files = useFolder()

  it('says that a log is whole [CLI-12]', async () => {
    const { code, stdout } = await run(['verify', await files.writeStory()])
    expect(code).toBe(0)
    expect(stdout.replace(/[0-9a-f]{64}/, '<hash>')).toMatchInlineSnapshot(`
      "valid: 31 facts
      state  <hash>
      chain  none: changes that leave facts well-formed would go unnoticed
      "
    `)
  })

  it('names the first bad place, and exits with 1 [CLI-3, CLI-12]', async () => {
    const path = await files.writeStory()
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('essay', 'essai'))
    const { code, stdout, stderr } = await run(['verify', path])
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
    expect(stdout).toMatch(/^damaged at fact 5, line 6, byte \d+: unreadable, its checksum does not fit\n$/)
    const json = await run(['verify', path, '--json'])
    expect([json.code, JSON.parse(json.stdout)]).toMatchObject([
      1,
      { valid: false, firstBad: { seq: 5, problem: 'unreadable', position: { line: 6 } } },
    ])
  })

  it('finds what no checksum finds: a fact that cannot follow [CLI-12]', async () => {
    const facts = await tellStory()
    const path = await files.write(
      facts
        .filter(({ meta }) => meta.seq < 6)
        .concat({ ...facts[15]!, meta: { ...facts[15]!.meta, seq: 6, stream: 'other' } }),
    )
    const { code, stdout } = await run(['verify', path])
    expect(code).toBe(1)
    expect(stdout).toContain('5 facts before the first bad one')
    expect(stdout).toMatch(/damaged at fact 6: stream, /)
  })

  it('checks signatures with a key from the environment, and the head that was kept [CLI-12]', async () => {
    const chained = await withHashChain(createMemoryLog(), { signingKey: 'a key' })
    for (const fact of await tellStory()) chained.append(fact.meta.stream, [fact])
    const facts = []
    for await (const fact of chained.read()) facts.push(fact)
    const openLog = async (path: string) => ({ path, format: 'jsonl' as const, log: chained, notes: [] })
    const env = { GOOD_KEY: 'a key', BAD_KEY: 'another key' }
    const signed = await run(['verify', 'a', '--key-env', 'GOOD_KEY', '--json'], { openLog, env })
    expect([signed.code, JSON.parse(signed.stdout)]).toMatchObject([0, { valid: true, chain: 'signed' }])
    const forged = await run(['verify', 'a', '--key-env', 'BAD_KEY', '--json'], { openLog, env })
    expect([forged.code, JSON.parse(forged.stdout)]).toMatchObject([1, { firstBad: { seq: 1, problem: 'signature' } }])
    expect(`${signed.stdout}${forged.stdout}`).not.toMatch(/a key|another key/)

    await writeFile(files.path('head.json'), JSON.stringify({ seq: 99, hash: 'f'.repeat(64) }))
    const cut = await run(['verify', 'a', '--head', files.path('head.json'), '--json'], { openLog })
    expect([cut.code, JSON.parse(cut.stdout)]).toMatchObject([1, { firstBad: { problem: 'truncated' } }])
  })

  it.each([
    ['not JSON', '--head head.json is not JSON'],
    ['{"seq":1}', 'head.hash must be a SHA-256 in lower-case hex, got undefined'],
  ])('refuses a head that is %s [CLI-4]', async (text, message) => {
    await writeFile(files.path('head.json'), text)
    const { code, stderr } = await run(['verify', await files.writeStory(), '--head', files.path('head.json')])
    expect([code, files.tidy(stderr)]).toEqual([2, `redux-agent-runtime: ${message}\n`])
  })
})

describe('diff', () => {
  const files = useFolder()

  it('finds two runs of one program the same [CLI-13]', async () => {
    const [a, b] = [await files.writeStory(), await files.write(await tellStory(), 'b.jsonl')]
    expect(await run(['diff', a, b])).toEqual({ code: 0, stdout: 'the same happened in both: 31 facts\n', stderr: '' })
  })

  it('says where two runs part and what differs, and exits with 1 [CLI-3, CLI-13]', async () => {
    const facts = await tellStory()
    const text = JSON.stringify(facts.slice(0, 28)).replace('"outputTokens":640', '"outputTokens":600')
    const b = await files.write(JSON.parse(text.replace('SECRET DRAFT', 'SECRET OTHER')) as typeof facts, 'b.jsonl')
    const a = await files.write(facts)
    const { code, stdout } = await run(['diff', a, b])
    expect(code).toBe(1)
    expect(stdout).toMatchInlineSnapshot(`
      "they part at a 7, b 7: payload.usage.outputTokens
      - 640
      + 600

      5 facts of 31 differ
      ~ a 7, b 7 session-1 turn-1 completed, 1850 in, 600 out
          payload.usage.outputTokens: 640 -> 600
      ~ a 8, b 8 session-1 turn-1 kept for the idempotency key draft
          payload.result: "[content]" -> "[content]"
      - a 29 session-3 failed, validation_error: TypeError raised
      - a 30 session-4 opened: writer/draft, thread left-over, project 42
      - a 31 session-4 turn-1 started on small-model

                      a        b     b - a
      outcome   running  running
      sessions        4        3        -1
      turns           5        4        -1
      tools           2        2
      in           2620     2620
      out           955      915       -40
      cost        $0.05    $0.05  -$0.0006
      "
    `)
    const json = await run(['diff', a, b, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({
      identical: false,
      firstDivergence: { path: 'payload.usage.outputTokens', expected: 640, actual: 600 },
    })
    expect(json.stdout).not.toContain('SECRET')
    expect((await run(['diff', a, b, '--content'])).stdout).toContain('"SECRET DRAFT" -> "SECRET OTHER"')
  })

  it('compares two threads of one log [CLI-13]', async () => {
    const path = await files.writeStory()
    const { code, stdout } = await run(['diff', path, '--thread-a', 'essay', '--thread-b', 'left-over'])
    expect(code).toBe(1)
    expect(stdout).toContain('outcome')
    const none = await run(['diff', path, '--thread-a', 'essay', '--thread-b', 'nobody'])
    expect([none.code, none.stderr]).toEqual([2, 'redux-agent-runtime: b.threadId must be in the log, got "nobody"\n'])
  })
})

describe('fork', () => {
  const files = useFolder()

  it('copies a thread up to a fact [CLI-14]', async () => {
    const path = await files.writeStory()
    const argv = ['fork', path, '--thread', 'essay', '--at', '10', '--as', 'essay/2']
    const { code, stdout } = await run(argv)
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: '6 facts copied to thread essay/2\nsession-1 -> session-5\n',
    })
    expect((await run(['show', path, 'essay/2'])).stdout).toMatchInlineSnapshot(`
      "from 2026-01-31 23:59:58Z
      32    +0.000s  session-5  opened: writer/draft, thread essay/2, project 42 (copy of 5)
      33    +0.000s  session-5    turn-1 started on small-model (copy of 6)
      34    +1.200s  session-5    turn-1 completed in 1.2s, 1850 in, 640 out, $0.02 (copy of 7)
      35    +1.200s  session-5    turn-1 kept for the idempotency key draft (copy of 8)
      36    +1.200s  session-5    tool-1 lookUpTerm started (copy of 9)
      37    +1.240s  session-5    tool-1 lookUpTerm completed in 40ms (copy of 10)
      "
    `)
    const again = await run(argv)
    expect([again.code, again.stderr]).toEqual([
      2,
      'redux-agent-runtime: as must be a name that no thread of the log has, got "essay/2"\n',
    ])
  })

  it('costs nothing: what was copied was paid for once [CLI-9, CLI-15]', async () => {
    const path = await files.writeStory()
    const before = JSON.parse((await run(['stats', path, '--json'])).stdout) as Record<string, unknown>
    await run(['fork', path, '--thread', 'essay', '--at', '10', '--as', 'essay/2'])
    const { usage, usageByRole, usageByDay, tools, turnMs } = before
    expect(JSON.parse((await run(['stats', path, '--json'])).stdout)).toMatchObject({
      usage: usage as object,
      usageByRole: usageByRole as object,
      usageByDay: usageByDay as object,
      tools: tools as object,
      turnMs: turnMs as object,
    })
    const listed = await run(['ls', path, '--json', '--thread', 'essay/2'])
    expect(JSON.parse(listed.stdout)).toMatchObject({ sessions: [{ turns: 1, tools: 1, costUsd: 0 }] })
  })

  it('goes on with the hash chain of a log, with its key [CLI-14, CHAIN-4]', async () => {
    const path = files.path('chained.jsonl')
    const log = await withHashChain(await openJsonlLog(path), { signingKey: 'a key' })
    for (const fact of await tellStory()) log.append(fact.meta.stream, [fact])
    await log.close()
    const before = await readFile(path, 'utf8')
    const [argv, env] = [['fork', path, '--thread', 'essay', '--as', 'essay/2'], { KEY: 'a key', OTHER: 'another key' }]
    const unsigned = await run(argv, { env })
    expect([unsigned.code, unsigned.stderr]).toEqual([
      2,
      'redux-agent-runtime: the facts of this log are signed: name their key with --key-env\n',
    ])
    expect((await run([...argv, '--key-env', 'OTHER'], { env })).code).toBe(2)
    expect(await readFile(path, 'utf8')).toBe(before)
    expect((await run([...argv, '--key-env', 'KEY'], { env })).code).toBe(0)
    const verified = await run(['verify', path, '--key-env', 'KEY', '--json'], { env })
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true, facts: 49, chain: 'signed' })
  })

  it('makes no log where there is none [CLI-5]', async () => {
    const { code } = await run(['fork', files.path('none.jsonl'), '--thread', 'a', '--as', 'b'])
    expect(code).toBe(2)
    await expect(readFile(files.path('none.jsonl'))).rejects.toThrow('ENOENT')
  })
})

describe('what-if', () => {
  const files = useFolder()

  it('tells which sessions would have stopped, where, and what they would have cost [CLI-20]', async () => {
    const path = await files.writeStory()
    await writeFile(files.path('prices.json'), '{"small-model":{"inputPerMillion":1,"outputPerMillion":1}}')
    const argv = ['what-if', path, '--max-iterations', '1', '--pricing', files.path('prices.json')]
    const { code, stdout } = await run(argv)
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "session    thread  role    recorded  changed  otherwise
      session-1  essay   writer     $0.02  $0.0025
      session-3  -       scout    $0.0000  $0.0000  stopped at fact 26 by max_iterations_exceeded

      2 of 4 sessions otherwise, 1 stopped
      1 session stopped by max_iterations_exceeded
      cost: $0.05 -> $0.04 (-$0.01)
      not done: 1 turn, 0 tool calls, $0.0000
      no price is known for unknown-model
      "
    `)
    const told = JSON.parse((await run([...argv, '--json'])).stdout) as object
    expect(told).toMatchObject({ totals: { stopped: 1 }, sessions: [{}, { sessionId: 'session-3' }] })
  })

  it('takes settings from a file, and a budget from its option [CLI-20]', async () => {
    const path = await files.writeStory()
    await writeFile(files.path('config.json'), '{"qualityGate":"strict","budgetUsd":5}')
    const { stdout } = await run(['what-if', path, '--config', files.path('config.json'), '--budget', '0.01'])
    expect(stdout).toMatchInlineSnapshot(`
      "session    thread  role    recorded  changed  otherwise
      session-1  essay   writer     $0.02    $0.02  over at fact 7 by budget_exceeded; 1 policy evaluation; 1 gate
      session-2  essay   editor     $0.03    $0.03  over at fact 19 by budget_exceeded

      2 of 4 sessions otherwise, 0 stopped
      cost: $0.05 -> $0.05 (+$0.0000)
      policy to review: 0 firings gained, 1 lost
      gates: 1 would have failed, 0 would have passed
      no price is known for unknown-model
      "
    `)
  })

  it('shows what is saved below a cent [CLI-20]', async () => {
    const path = await files.writeStory()
    await writeFile(files.path('prices.json'), '{"small-model":{"inputPerMillion":2,"outputPerMillion":15}}')
    const { stdout } = await run(['what-if', path, '--pricing', files.path('prices.json')])
    expect(stdout).toContain('session-1  essay   writer   $0.0152  $0.0133')
    expect(stdout).toContain('cost: $0.0498 -> $0.0479 (-$0.0019)\n')
  })

  it.each([
    [0.024, 0.0207, '$0.0240 -> $0.0207 (-$0.0033)'],
    [1, 1.000_02, '$1.000000 -> $1.000020 (+$0.000020)'],
    [0.0049, 0.2, '$0.0049 -> $0.20 (+$0.20)'],
    [0.1 + 0.2, 0.3, '$0.30 -> $0.30 (+$0.0000)'],
  ])('tells %d and %d apart [CLI-20]', (recorded, changed, expected) => {
    const { before, after, difference } = formatApart(recorded, changed)
    expect(`${before} -> ${after} (${difference})`).toBe(expected)
  })

  it.each([
    [[], 'what-if needs --budget, --max-iterations, --pricing or --config'],
    [['--budget', '-1'], "option '--budget <usd>' argument '-1' is invalid. It must be a finite number from 0."],
    [['--config', 'none.json'], '--config none.json cannot be read: there is no such file'],
  ])('refuses %j [CLI-4]', async (options, message) => {
    const { code, stderr } = await run(['what-if', await files.writeStory(), ...options])
    expect([code, stderr]).toEqual([2, `redux-agent-runtime: ${message}\n`])
  })
})
