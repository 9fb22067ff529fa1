import { describe, expect, it } from 'vitest'
import { run, useFolder } from './run.js'

describe('show', () => {
  const files = useFolder()

  it('tells a log, a fact a line, with times, durations and costs [CLI-10]', async () => {
    const { code, stdout } = await run(['show', await files.writeStory()])
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "from 2026-01-05 09:00:00Z
       1    +0.000s  -          prices registered for small-model, large-model
       2    +0.000s  -          registered orchestrator-1: writer/draft
       3    +0.000s  -          registered orchestrator-2: editor/review
       4    +0.000s  -          registered orchestrator-3: scout/search
       5    +0.000s  session-1  opened: writer/draft, thread essay, project 42
       6    +0.000s  session-1    turn-1 started on small-model
       7    +1.200s  session-1    turn-1 completed in 1.2s, 1850 in, 640 out, $0.02
       8    +1.200s  session-1    turn-1 kept for the idempotency key draft
       9    +1.200s  session-1    tool-1 lookUpTerm started
      10    +1.240s  session-1    tool-1 lookUpTerm completed in 40ms
      11    +1.240s  session-1    publish blocked by permission: role 'writer' has read_only but tool requires full_access
      12    +1.240s  session-1    request-1 asks a person, human_input
      13   +61.240s  session-1    request-1 answered
      14   +61.240s  session-1    gate passed: standard observed, standard required
      15   +61.240s  session-1    policies fired: to review -> advance_phase
      16   +61.240s  session-1  handed off to editor as session-2, $0.02 in all
      17   +61.240s  session-2  opened: editor/review, thread essay, project 42
      18   +61.240s  session-2    turn-1 started on large-model
      19   +62.840s  session-2    turn-1 completed in 1.6s, 960 in (200 cached), 310 out, $0.03
      20   +62.840s  session-2    tool-1 publish started
      21   +62.845s  session-2    tool-1 publish completed in 5ms
      22   +62.845s  session-2  completed, $0.03 in all
      23   +62.845s  session-3  opened: scout/search
      24   +62.845s  session-3    turn-1 started on unknown-model
      25   +63.145s  session-3    turn-1 completed in 300ms, 10 in, 5 out, no price
      26   +63.145s  session-3    turn-2 started on unknown-model
      27   +63.145s  session-3    turn-2 failed, llm_error (Error) in 0ms, usage unknown
      28   +63.145s  session-3      turn-2 recovery from llm_error: recovered, did: retry_with_backoff, switch_provider
      29   +63.145s  session-3  failed, validation_error: TypeError raised, $0.0000 +? in all
      30   +63.145s  session-4  opened: writer/draft, thread left-over, project 42
      31   +63.145s  session-4    turn-1 started on small-model
      "
    `)
  })

  it('tells one session, the handoff that registered it included [CLI-10]', async () => {
    const { stdout } = await run(['show', await files.writeStory(), 'session-2'])
    expect(stdout).toMatchInlineSnapshot(`
      "from 2026-01-05 09:01:01Z
      16    +0.000s  session-1  handed off to editor as session-2, $0.02 in all
      17    +0.000s  session-2  opened: editor/review, thread essay, project 42
      18    +0.000s  session-2    turn-1 started on large-model
      19    +1.600s  session-2    turn-1 completed in 1.6s, 960 in (200 cached), 310 out, $0.03
      20    +1.600s  session-2    tool-1 publish started
      21    +1.605s  session-2    tool-1 publish completed in 5ms
      22    +1.605s  session-2  completed, $0.03 in all
      "
    `)
  })

  it('tells one thread, and a part of it by seq [CLI-10]', async () => {
    const { stdout } = await run(['show', await files.writeStory(), 'essay', '--from', '9', '--to', '11'])
    expect(stdout).toMatchInlineSnapshot(`
      "from 2026-01-05 09:00:00Z
       9    +1.200s  session-1    tool-1 lookUpTerm started
      10    +1.240s  session-1    tool-1 lookUpTerm completed in 40ms
      11    +1.240s  session-1    publish blocked by permission: role 'writer' has read_only but tool requires full_access
      "
    `)
  })

  it('prints a JSON object a line [CLI-2, CLI-10]', async () => {
    const { stdout } = await run(['show', await files.writeStory(), '--json', '--from', '7', '--to', '8'])
    const lines = stdout.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line) as object)).toMatchInlineSnapshot(`
      [
        {
          "costUsd": 0.01515,
          "meta": {
            "at": 1767603601200,
            "seq": 7,
            "stream": "essay",
            "v": 1,
          },
          "offsetMs": 1200,
          "payload": {
            "admission": null,
            "metered": true,
            "model": "small-model",
            "price": 0,
            "sessionId": "session-1",
            "turnId": "turn-1",
            "usage": {
              "cacheReadTokens": 0,
              "cacheTtl": null,
              "cacheWriteTokens": 0,
              "inputTokens": 1850,
              "outputTokens": 640,
              "toolCalls": 0,
            },
          },
          "text": "turn-1 completed in 1.2s, 1850 in, 640 out, $0.02",
          "tookMs": 1200,
          "type": "turns/completed",
        },
        {
          "costUsd": null,
          "meta": {
            "at": 1767603601200,
            "seq": 8,
            "stream": "essay",
            "v": 1,
          },
          "offsetMs": 1200,
          "payload": {
            "fingerprint": "bca32cc1fb362937",
            "key": "draft",
            "model": "small-model",
            "price": 0,
            "result": "[content]",
            "sessionId": "session-1",
            "turnId": "turn-1",
            "usage": {
              "cacheReadTokens": 0,
              "cacheTtl": null,
              "cacheWriteTokens": 0,
              "inputTokens": 1850,
              "outputTokens": 640,
              "toolCalls": 0,
            },
          },
          "text": "turn-1 kept for the idempotency key draft",
          "tookMs": null,
          "type": "turns/kept",
        },
      ]
    `)
  })

  it('refuses to begin after its end [CLI-4, CLI-10]', async () => {
    expect(await run(['show', await files.writeStory(), '--from', '30', '--to', '20'])).toEqual({
      ...{ code: 2, stdout: '' },
      stderr: 'redux-agent-runtime: --from 30 is after --to 20\n',
    })
  })

  it('refuses a thread or a session that is not there [CLI-4]', async () => {
    const { code, stdout, stderr } = await run(['show', await files.writeStory(), 'nobody'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(files.tidy(stderr)).toBe('redux-agent-runtime: no thread and no session is called nobody in a.jsonl\n')
  })
})
