import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { csvLine } from '../../src/cli/csv.js'
import { createTestRuntime } from '../../src/testing/index.js'
import { openDamagedLog, run, useFolder } from './run.js'
import { tellStory } from './story.js'

describe('export', () => {
  const files = useFolder()

  it('writes a row a turn [CLI-16]', async () => {
    const { code, stdout } = await run(['export', await files.writeStory(), '--format', 'csv'])
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "seq,session_id,thread_id,project_id,role,phase,turn_id,model,calls,input_tokens,output_tokens,cache_read_tokens,cache_write_tokens,tool_calls,cost_usd,metered,started_at,duration_ms,outcome,reason,copied
      6,session-1,essay,42,writer,draft,turn-1,small-model,1,1850,640,0,0,0,0.01515,true,2026-01-05T09:00:00.000Z,1200,completed,,false
      18,session-2,essay,42,editor,review,turn-1,large-model,1,760,310,200,0,0,0.03465,true,2026-01-05T09:01:01.240Z,1600,completed,,false
      24,session-3,,,scout,search,turn-1,unknown-model,1,10,5,0,0,0,,true,2026-01-05T09:01:02.845Z,300,completed,,false
      26,session-3,,,scout,search,turn-2,unknown-model,1,0,0,0,0,0,0,false,2026-01-05T09:01:03.145Z,0,failed,llm_error,false
      31,session-4,left-over,42,writer,draft,turn-1,small-model,1,0,0,0,0,0,0,,2026-01-05T09:01:03.145Z,,unfinished,,false
      "
    `)
  })

  it('writes a row a tool call [CLI-16]', async () => {
    const { stdout } = await run(['export', await files.writeStory(), '--format', 'csv', '--rows', 'tools'])
    expect(stdout).toMatchInlineSnapshot(`
      "seq,session_id,thread_id,project_id,role,phase,tool_call_id,tool,calls,started_at,duration_ms,outcome,reason,copied
      9,session-1,essay,42,writer,draft,tool-1,lookUpTerm,1,2026-01-05T09:00:01.200Z,40,completed,,false
      11,session-1,essay,42,writer,draft,,publish,0,2026-01-05T09:00:01.240Z,0,blocked,permission,false
      20,session-2,essay,42,editor,review,tool-1,publish,1,2026-01-05T09:01:02.840Z,5,completed,,false
      "
    `)
  })

  it('adds up the calls of a turn that was retried [CLI-16]', async () => {
    const pricing = { m: { inputPerMillion: 10, outputPerMillion: 0 } }
    const { runtime, orchestrator, clock } = createTestRuntime({ pricing, recovery: { mode: 'execute' } })
    const work = orchestrator.session((session) =>
      session.runTurn(
        (call) => {
          call.reportUsage({ inputTokens: 100_000 })
          if (call.attempt === 1) throw Object.assign(new Error('busy'), { status: 503 })
          return 1
        },
        { usage: { inputTokens: 200_000 } },
      ),
    )
    await clock.advance(600_000)
    await work
    const { stdout } = await run(['export', await files.write(runtime.log.facts()), '--format', 'csv'])
    const [head = '', row = ''] = stdout.split('\r\n')
    const cells = Object.fromEntries(head.split(',').map((name, index) => [name, row.split(',')[index]]))
    expect(cells).toMatchObject({ calls: '2', input_tokens: '300000', cost_usd: '3', outcome: 'completed' })
  })

  it('writes facts as JSONL [CLI-16]', async () => {
    const facts = await tellStory()
    const { stdout } = await run(['export', await files.write(facts), '--format', 'jsonl', '--content'])
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as object),
    ).toEqual(facts)
  })

  it('writes to a file, and never over one [CLI-5, CLI-16]', async () => {
    const path = await files.writeStory()
    const argv = ['export', path, '--format', 'csv', '--out', files.path('turns.csv')]
    expect(await run(argv)).toEqual({ code: 0, stdout: '6 lines written\n', stderr: '' })
    const written = await readFile(files.path('turns.csv'), 'utf8')
    expect(written).toBe((await run(argv.slice(0, 4))).stdout)
    const again = await run([...argv, '--json'])
    expect([again.code, files.tidy(again.stderr)]).toEqual([
      2,
      'redux-agent-runtime: turns.csv cannot be written: it exists already\n',
    ])
  })

  it('leaves no file behind when the log ends in damage [CLI-16, CLI-18]', async () => {
    const openLog = openDamagedLog(await tellStory(), 9)
    const argv = ['export', 'a.jsonl', '--format', 'jsonl', '--out', files.path('facts.jsonl')]
    const { code, stderr } = await run(argv, { openLog })
    expect([code, stderr]).toEqual([
      2,
      'redux-agent-runtime: the log is damaged at fact 10: its checksum does not fit\n',
    ])
    expect(await readdir(files.path('.'))).toEqual([])
  })

  it('must be told a format it knows [CLI-4]', async () => {
    const path = await files.writeStory()
    expect((await run(['export', path])).code).toBe(2)
    const { code, stderr } = await run(['export', path, '--format', 'xml'])
    expect([code, stderr]).toEqual([
      2,
      "redux-agent-runtime: option '--format <format>' argument 'xml' is invalid. Allowed choices are jsonl, csv.\n",
    ])
  })
})

describe('a line of CSV', () => {
  it.each([
    [['a', 1, true, null, ''], 'a,1,true,,\r\n'],
    [['say "hi", twice'], '"say ""hi"", twice"\r\n'],
    [['two\nlines'], 'two\\nlines\r\n'],
    [['=1+1', '+1', '-1', '@x', ' =1', '\t=1'], `'=1+1,'+1,'-1,'@x,' =1,\\t=1\r\n`],
    [[-1, 0.5], '-1,0.5\r\n'],
    [['\u001b[31m'], '\\u001b[31m\r\n'],
  ])('of %j is %j [CLI-17]', (values, line) => {
    expect(csvLine(values)).toBe(line)
  })
})
