import { describe, expect, it } from 'vitest'
import { percentile } from '../../src/transcript/percentiles.js'
import { run, useFolder } from './run.js'

describe('stats', () => {
  const files = useFolder()

  it('counts facts, sessions, costs, tools, failures and durations [CLI-15]', async () => {
    const { code, stdout } = await run(['stats', await files.writeStory()])
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "31 facts, from 2026-01-05 09:00:00Z to 2026-01-05 09:01:03Z
      sessions: 2 completed, 1 failed, 1 running
      cost: $0.05 +?
      +? no price was known for unknown-model
      turns: 4 ended, half of them within 300ms, 95 % within 1.6s

      model          turns    in  cache read  cache write  out      cost
      small-model        1  1850           0            0  640     $0.02
      large-model        1   760         200            0  310     $0.03
      unknown-model      1    10           0            0    5  no price

      role    turns    in  out        cost
      editor      1   960  310       $0.03
      scout       1    10    5  $0.0000 +?
      writer      1  1850  640       $0.02

      project  turns    in  out        cost
      -            1    10    5  $0.0000 +?
      42           2  2810  950       $0.05

      day         turns    in  out      cost
      2026-01-05      3  2820  955  $0.05 +?

      tool        started  completed  failed  blocked
      lookUpTerm        1          1       0        0
      publish           1          1       0        1

      failure           sessions  turns  retried calls
      llm_error                0      1              0
      validation_error         1      0              0

      fact                      count
      turns/started                 5
      sessions/opened               4
      orchestrators/registered      3
      turns/completed               3
      tools/completed               2
      tools/started                 2
      gates/evaluated               1
      handoffs/issued               1
      inputs/provided               1
      inputs/requested              1
      policies/evaluated            1
      pricing/registered            1
      recovery/attempted            1
      sessions/completed            1
      sessions/failed               1
      tools/blocked                 1
      turns/failed                  1
      turns/kept                    1
      "
    `)
  })

  it('prints the same as JSON [CLI-2, CLI-15]', async () => {
    const { stdout } = await run(['stats', await files.writeStory(), '--json'])
    const { factsByType: _, usage, usageByRole, usageByDay, ...rest } = JSON.parse(stdout) as Record<string, object>
    expect(rest).toMatchInlineSnapshot(`
      {
        "facts": 31,
        "failures": [
          {
            "attempts": 0,
            "failureClass": "llm_error",
            "sessions": 0,
            "turns": 1,
          },
          {
            "attempts": 0,
            "failureClass": "validation_error",
            "sessions": 1,
            "turns": 0,
          },
        ],
        "firstAt": 1767603600000,
        "lastAt": 1767603663145,
        "sessionsByStatus": {
          "completed": 2,
          "failed": 1,
          "running": 1,
        },
        "tools": [
          {
            "blocked": 0,
            "completed": 1,
            "failed": 0,
            "started": 1,
            "tool": "lookUpTerm",
          },
          {
            "blocked": 1,
            "completed": 1,
            "failed": 0,
            "started": 1,
            "tool": "publish",
          },
        ],
        "turnMs": {
          "count": 4,
          "p50": 300,
          "p95": 1600,
        },
        "usageByProject": [
          {
            "cacheReadTokens": 0,
            "cacheWriteTokens": 0,
            "costUsd": 0,
            "formattedCost": "$0.0000",
            "inputTokens": 10,
            "key": null,
            "models": [
              {
                "cacheReadTokens": 0,
                "cacheWriteTokens": 0,
                "costUsd": 0,
                "inputTokens": 10,
                "model": "unknown-model",
                "outputTokens": 5,
                "pricedAs": [],
                "toolCalls": 0,
                "turns": 1,
              },
            ],
            "outputTokens": 5,
            "toolCalls": 0,
            "turns": 1,
            "unpricedModels": [
              "unknown-model",
            ],
          },
          {
            "cacheReadTokens": 200,
            "cacheWriteTokens": 0,
            "costUsd": 0.0498,
            "formattedCost": "$0.05",
            "inputTokens": 2610,
            "key": "42",
            "models": [
              {
                "cacheReadTokens": 0,
                "cacheWriteTokens": 0,
                "costUsd": 0.01515,
                "inputTokens": 1850,
                "model": "small-model",
                "outputTokens": 640,
                "pricedAs": [
                  "small-model",
                ],
                "toolCalls": 0,
                "turns": 1,
              },
              {
                "cacheReadTokens": 200,
                "cacheWriteTokens": 0,
                "costUsd": 0.03465,
                "inputTokens": 760,
                "model": "large-model",
                "outputTokens": 310,
                "pricedAs": [
                  "large-model",
                ],
                "toolCalls": 0,
                "turns": 1,
              },
            ],
            "outputTokens": 950,
            "toolCalls": 0,
            "turns": 2,
            "unpricedModels": [],
          },
        ],
      }
    `)
    expect(usage).toMatchObject({ costUsd: 0.0498, unpricedModels: ['unknown-model'] })
    expect(usageByRole).toMatchObject([{ key: 'editor' }, { key: 'scout' }, { key: 'writer', costUsd: 0.01515 }])
    expect(usageByDay).toMatchObject([{ key: '2026-01-05', turns: 3 }])
  })
})

describe('a percentile', () => {
  it.each([
    [[], 0.5, null],
    [[7], 0.95, 7],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4], 0.95, 4],
    [Array.from({ length: 100 }, (_, index) => index + 1), 0.95, 95],
  ])('of %j at %d is %j [CLI-15]', (sorted, share, expected) => {
    expect(percentile(sorted, share)).toBe(expected)
  })
})
