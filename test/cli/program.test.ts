import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { createMemoryLog, type Fact } from '../../src/index.js'
import { seal } from '../../src/jsonl/seal.js'
import { run, useFolder } from './run.js'
import { tellStory } from './story.js'

const fact = (seq: number, type: string, payload: object, stream = '@session-1'): Fact => ({
  type,
  payload,
  meta: { seq, at: seq, stream, v: 1 },
})

describe('the program', () => {
  const files = useFolder()

  it('says how it is used [CLI-1]', async () => {
    const { code, stdout, stderr } = await run(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "Usage: redux-agent-runtime [options] [command]

      Reads the logs of redux-agent-runtime.

      Options:
        -h, --help                       display help for command

      Commands:
        ls [options] <log>               List threads and sessions
        show [options] <log> [of]        Print what happened, a fact a line
        replay [options] <log>           Print the state after a fact
        verify [options] <log>           Check that a log is whole, replays, and is
                                         the one that was written
        diff [options] <a> [b]           Compare two logs, or two threads
        fork [options] <log>             Copy what happened in a thread, up to a fact,
                                         into a new thread of the same log
        what-if [options] <log>          Tell what recorded sessions would have come
                                         to under other settings
        stats [options] <log>            Count facts, sessions, tokens, costs, tools,
                                         failures and durations
        export [options] <log>           Write facts as JSONL, or turns or tool calls
                                         as CSV
        convert [options] <from> <to>    Copy a log into another store
        inspect [options] <log> [other]  Show a log in the browser, or two beside each
                                         other
        devtools [options]               Show running programs in Redux DevTools
        help [command]                   display help for command

      Logs are recognised by their content, and opened for reading only. Times are UTC.
      What was said is printed only with --content: questions, answers, results, details and reasons.
      Without it, [content] stands there.

      Exit codes: 0 fine; 1 the answer is bad news; 2 wrong use, or input that cannot be read.
      "
    `)
    expect(await run(['help'])).toEqual({ code, stdout, stderr })
  })

  it('shows the same without a command, as wrong use [CLI-1, CLI-3]', async () => {
    const { code, stdout, stderr } = await run([])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toBe((await run(['--help'])).stdout)
  })

  it.each([
    [['lx'], "unknown command 'lx' (Did you mean ls?)"],
    [['ls'], "missing required argument 'log'"],
    [['ls', 'a', '--sum'], "unknown option '--sum'"],
    [['ls', 'a', 'b'], "too many arguments for 'ls'. Expected 1 argument but got 2."],
    [['show', 'a', '--from', '0'], "option '--from <seq>' argument '0' is invalid. It must be an integer from 1."],
    [
      ['ls', 'a', '--status', 'odd'],
      "option '--status <status>' argument 'odd' is invalid. Allowed choices are idle, initializing, waiting_for_input, running, completed, failed, cancelled, parked.",
    ],
    [['fork', 'a', '--as', 'b'], "required option '--thread <id>' not specified"],
    [['diff', 'a'], 'diff needs two logs, or one log with --thread-a and --thread-b'],
    [['verify', 'a', '--key-env', 'NONE'], '--key-env NONE: there is no such environment variable, or it is blank'],
  ])('refuses %j with one line [CLI-3, CLI-4]', async (argv, message) => {
    expect(await run(argv)).toEqual({ code: 2, stdout: '', stderr: `redux-agent-runtime: ${message}\n` })
  })

  it('colours what a terminal shows, and nothing else [CLI-7]', async () => {
    const path = await files.writeStory()
    const plain = await run(['ls', path])
    const coloured = await run(['ls', path], { isTerminal: true })
    expect(coloured.stdout).toContain('\u001b[31mfailed\u001b[39m')
    expect(coloured.stdout.replace(/\u001b\[\d+m/g, '')).toBe(plain.stdout)
    expect((await run(['ls', path], { isTerminal: true, env: { NO_COLOR: '1' } })).stdout).toBe(plain.stdout)
    expect((await run(['ls', path], { isTerminal: true, env: { TERM: 'dumb' } })).stdout).toBe(plain.stdout)
  })

  it('shows a bar for long work on a terminal, on stderr, and takes it away [CLI-8]', async () => {
    const path = await files.write(
      Array.from({ length: 1_024 }, (_, index) => fact(index + 1, 'breakers/reset', { name: 'none' }, '@runtime')),
    )
    let now = 0
    const slow = { now: () => (now += 250) }
    const { stdout, stderr } = await run(['ls', path], { isTerminal: true, ...slow })
    expect(stdout).toBe('no sessions\n')
    expect(stderr.split('\r\u001b[K')).toEqual([
      '',
      '[###############---------------]  50 % 512/1024 facts',
      '[######################--------]  75 % 768/1024 facts',
      '[##############################] 100 % 1024/1024 facts',
      '',
    ])
    expect((await run(['ls', path], { isTerminal: true, now: () => 0 })).stderr).toBe('')
    expect((await run(['ls', path], slow)).stderr).toBe('')
  })

  it('escapes what a terminal would act on, wherever it comes from [CLI-17]', async () => {
    const evil = 'a\u001b]0;title\u0007\r\n\u009b31m\u202e\ud800b'
    const path = await files.write([
      fact(
        1,
        'sessions/opened',
        {
          sessionId: 'session-1',
          orchestratorId: evil,
          role: evil,
          phase: evil,
          projectId: null,
          threadId: evil,
          run: null,
          results: 'none',
        },
        evil,
      ),
      fact(
        2,
        'turns/started',
        {
          sessionId: 'session-1',
          turnId: 'turn-1',
          model: evil,
          admission: null,
          route: null,
          timeoutMs: null,
          reservedUsd: 0,
        },
        evil,
      ),
      fact(
        3,
        'tools/started',
        {
          sessionId: 'session-1',
          toolCallId: evil,
          tool: evil,
          fingerprint: null,
          timeoutMs: null,
          idempotent: false,
        },
        evil,
      ),
      fact(4, 'sessions/failed', { sessionId: 'session-1', failureClass: 'unknown', detail: evil }, evil),
    ])
    const argvs = [
      ['ls', path],
      ['show', path],
      ['replay', path],
      ['replay', path, '--session', 'session-1'],
      ['stats', path],
      ['export', path, '--format', 'csv'],
      ['export', path, '--format', 'csv', '--rows', 'tools'],
      ['diff', path, await files.write([], 'b.jsonl')],
      ['show', path, `${evil}?`],
      ['what-if', path, '--budget', '1', '--all'],
      ['fork', path, '--thread', `${evil}?`, '--as', 'copy'],
      ['fork', path, '--thread', evil, '--as', `${evil}2`],
      ['convert', path, `${path}${evil}`],
      ['verify', `${path}${evil}`],
      ['verify', path, '--key-env', evil],
      ...['ls', 'show', 'replay', 'stats'].map((command) => [command, path, '--json']),
    ]
    for (const argv of argvs) {
      const { stdout, stderr } = await run(argv)
      const lines = `${stdout}${stderr}`.replaceAll(/\r?\n/g, '')
      if (argv.length !== 2 || argv[0] !== 'replay') expect(lines).toContain('\\u001b]0;title\\u0007')
      expect(lines).not.toMatch(/[\p{Cc}\u2028-\u202e\u2066-\u2069\ud800]/u)
    }
  })

  it('shows JSON that means what the log says [CLI-2, CLI-17]', async () => {
    const name = 'a\u009b31m\u202e\u2028b'
    const path = await files.write([fact(1, 'breakers/reset', { name }, '@runtime')])
    const { stdout } = await run(['show', path, '--json'])
    expect(JSON.parse(stdout)).toMatchObject({ payload: { name } })
  })
})

describe('a log that cannot be read', () => {
  const files = useFolder()

  async function refusal(name: string) {
    const { code, stdout, stderr } = await run(['ls', files.path(name)])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    return files.tidy(stderr)
  }

  it('is one line for a wrong path [CLI-18]', async () => {
    await mkdir(files.path('folder'))
    expect(await refusal('none.jsonl')).toBe('redux-agent-runtime: none.jsonl cannot be read: there is no such file\n')
    expect(await refusal('folder')).toBe('redux-agent-runtime: folder cannot be read: it is a folder\n')
  })

  it('is one line for something else than a log [CLI-18]', async () => {
    await writeFile(files.path('empty.jsonl'), '')
    await writeFile(files.path('notes.jsonl'), '{"a":1}\n')
    await writeFile(files.path('photo.db'), Buffer.from([0xff, 0xd8, 0xff]))
    expect(await refusal('empty.jsonl')).toBe('redux-agent-runtime: empty.jsonl is not a log: it is empty\n')
    expect(await refusal('notes.jsonl')).toBe(
      'redux-agent-runtime: notes.jsonl is not a log: its first line is not that of a log\n',
    )
    expect(await refusal('photo.db')).toBe(
      'redux-agent-runtime: photo.db is not a log: its first line is not that of a log\n',
    )
  })

  it('is one line for a log from the future [CLI-18]', async () => {
    const future = seal({ format: 'redux-agent-runtime/log', version: 2 })
    await writeFile(files.path('a.jsonl'), future)
    expect(await refusal('a.jsonl')).toContain('the format redux-agent-runtime/log in version 2')
    await files.write([fact(1, 'turns/dreamt', { sessionId: 'session-1' })], 'b.jsonl')
    expect(await refusal('b.jsonl')).toBe(
      'redux-agent-runtime: the log has facts of type turns/dreamt in version 1 at fact 1, which is not known here\n',
    )
  })

  it('is one line for a damaged one, with the place [CLI-18]', async () => {
    const path = await files.writeStory()
    const text = await readFile(path, 'utf8')
    await writeFile(path, text.replace('essay', 'essai'))
    expect(await refusal('a.jsonl')).toMatch(
      /^redux-agent-runtime: the log is damaged at fact 5, line 6, byte \d+: .*\n$/,
    )
  })

  it('is a note for a half-written end: the rest is shown [CLI-18]', async () => {
    const path = await files.writeStory()
    const whole = await run(['ls', path])
    await appendFile(path, '{"type":"turns/')
    const { code, stdout, stderr } = await run(['ls', path])
    expect({ code, stdout }).toEqual({ code: 0, stdout: whole.stdout })
    expect(files.tidy(stderr)).toBe(
      'redux-agent-runtime: the last line of a.jsonl is half-written: its 15 bytes are left out, the rest is whole\n',
    )
  })

  it('is found by its content, whatever its name is [CLI-18]', async () => {
    const path = await files.write(await tellStory(), 'story.db')
    expect((await run(['ls', path])).code).toBe(0)
  })

  it('is closed in every case', async () => {
    let closed = 0
    const log = { ...createMemoryLog(), close: async () => void (closed += 1) }
    const openLog = async (path: string) => ({ path, format: 'jsonl' as const, log, notes: [] })
    await run(['ls', 'a'], { openLog })
    await run(['show', 'a', 'nobody'], { openLog })
    expect(closed).toBe(2)
  })
})
