import { describe, expect, it } from 'vitest'
import { createTestRuntime } from '../../src/testing/index.js'
import { run, useFolder } from './run.js'

describe('ls', () => {
  const files = useFolder()

  it('lists threads and sessions, with what they cost and what has no price [CLI-9]', async () => {
    const { code, stdout, stderr } = await run(['ls', await files.writeStory()])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "thread     sessions  unfinished  turns  tools     cost  first                 last
      essay             2           0      2      2    $0.05  2026-01-05 09:00:00Z  2026-01-05 09:01:02Z
      left-over         1           1      1      0  $0.0000  2026-01-05 09:01:03Z  2026-01-05 09:01:03Z

      session    thread     project  role    status     turns  tools        cost  first                 last
      session-1  essay      42       writer  completed      1      1       $0.02  2026-01-05 09:00:00Z  2026-01-05 09:01:01Z
      session-2  essay      42       editor  completed      1      1       $0.03  2026-01-05 09:01:01Z  2026-01-05 09:01:02Z
      session-3  -          -        scout   failed         2      0  $0.0000 +?  2026-01-05 09:01:02Z  2026-01-05 09:01:03Z
      session-4  left-over  42       writer  running        1      0     $0.0000  2026-01-05 09:01:03Z  2026-01-05 09:01:03Z

      4 sessions, 2 threads, $0.05 +?
      +? no price was known for unknown-model
      "
    `)
  })

  it('prints the same as JSON [CLI-2, CLI-9]', async () => {
    const { stdout } = await run(['ls', await files.writeStory(), '--json'])
    const { threads, sessions } = JSON.parse(stdout) as { threads: object[]; sessions: object[] }
    expect(threads[0]).toMatchInlineSnapshot(`
      {
        "costUsd": 0.0498,
        "firstAt": 1767603600000,
        "lastAt": 1767603662845,
        "sessions": 2,
        "threadId": "essay",
        "tools": 2,
        "turns": 2,
        "unfinished": 0,
        "unpricedModels": [],
      }
    `)
    expect(sessions[2]).toMatchInlineSnapshot(`
      {
        "costUsd": 0,
        "detail": "TypeError raised",
        "facts": 7,
        "firstAt": 1767603662845,
        "lastAt": 1767603663145,
        "phase": "search",
        "projectId": null,
        "role": "scout",
        "sessionId": "session-3",
        "status": "failed",
        "threadId": null,
        "tools": 0,
        "turns": 2,
        "unpricedModels": [
          "unknown-model",
        ],
      }
    `)
  })

  it.each([
    [['--status', 'failed'], ['session-3']],
    [
      ['--role', 'writer'],
      ['session-1', 'session-4'],
    ],
    [
      ['--project', '42', '--status', 'completed'],
      ['session-1', 'session-2'],
    ],
    [['--thread', 'left-over'], ['session-4']],
    [['--thread', 'nobody'], []],
  ])('filters by %j [CLI-9]', async (filter, expected) => {
    const { stdout } = await run(['ls', await files.writeStory(), '--json', ...filter])
    const { sessions } = JSON.parse(stdout) as { sessions: { sessionId: string }[] }
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual(expected)
  })

  it('lists sessions that their runtime had forgotten [CLI-9]', async () => {
    const pricing = { m: { inputPerMillion: 10, outputPerMillion: 0 } }
    const { runtime, orchestrator } = createTestRuntime({ pricing, retainEndedSessions: 1 })
    for (let count = 0; count < 5; count += 1) {
      await orchestrator.session((session) => session.runTurn(() => 1, { usage: { inputTokens: 1_000_000 } }))
    }
    expect(runtime.select.session('session-1')).toBeUndefined()
    const { stdout } = await run(['ls', await files.write(runtime.log.facts()), '--json'])
    const { sessions } = JSON.parse(stdout) as { sessions: { sessionId: string; costUsd: number }[] }
    expect(sessions.map(({ sessionId, costUsd }) => [sessionId, costUsd])).toEqual(
      [1, 2, 3, 4, 5].map((number) => [`session-${number}`, 10]),
    )
  })

  it('says so when there is nothing to list', async () => {
    const { stdout } = await run(['ls', await files.write([])])
    expect(stdout).toBe('no sessions\n')
  })
})
