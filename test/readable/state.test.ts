import { describe, expect, it } from 'vitest'
import {
  createAgentRuntime,
  createMemoryLog,
  facts,
  initialState,
  readableState,
  replay,
  runtimeReducer,
  type AnyFact,
  type RuntimeState,
} from '../../src/index.js'
import { createManualClock } from '../../src/testing/index.js'
import { tellRecordedStory } from '../cli/recordedStory.js'
import { tellStory } from '../cli/story.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

type Parts = Readonly<Record<string, Readonly<Record<string, unknown>>>>

const partsOf = (state: RuntimeState) => readableState(state) as Parts

function sessionOf(state: RuntimeState, id: string) {
  return partsOf(state)['sessions']?.[id] as Readonly<Record<string, unknown>> | undefined
}

describe('a readable state', () => {
  it('names sessions by their ids, and leaves out what is empty [VIEW-1]', async () => {
    const state = replay(await tellStory())
    expect(sessionOf(state, 'session-3')).toMatchInlineSnapshot(`
      {
        "costByModel": {
          "unknown-model": 0,
        },
        "detail": "TypeError raised",
        "endedAt": "2026-01-05T09:01:03.145Z",
        "lastError": "TypeError raised",
        "openedAt": "2026-01-05T09:01:02.845Z",
        "orchestratorId": "orchestrator-3",
        "path": [
          "initializing",
          "running",
          "failed",
        ],
        "phase": "search",
        "recovery": {
          "attempts": {
            "llm_error": 1,
          },
        },
        "role": "scout",
        "status": "failed",
        "tokens": {
          "input": 10,
          "output": 5,
        },
        "turns": {
          "completed": 1,
          "failed": 1,
          "failuresInARow": 1,
          "iterations": 2,
          "started": 2,
          "unmetered": 1,
        },
        "unpricedModels": [
          "unknown-model",
        ],
      }
    `)
    expect(Object.keys(partsOf(state)['sessions'] ?? {})).toEqual(['session-1', 'session-2', 'session-3', 'session-4'])
  })

  it('has no pages of a table in it, and is JSON [VIEW-1]', async () => {
    const state = replay(await tellStory())
    const text = JSON.stringify(readableState(state))
    expect(text).not.toMatch(/"(root|depth|rows|buckets)"/)
    expect(text).not.toContain('null')
    expect(JSON.parse(text)).toEqual(readableState(state))
  })

  it('names threads, projects, orchestrators, prices and breakers [VIEW-2]', async () => {
    const { runtime, orchestrator } = createTestRuntime({
      ...{
        model: 'your-model',
        projectId: 42,
        circuitBreaker: { name: 'api' },
        rateLimit: { name: 'provider', requests: { capacity: 6, refillPerSecond: 1 } },
      },
    })
    await orchestrator.session((session) => session.runTurn(() => 'text', { ...DRAFT, idempotencyKey: 'draft' }), {
      threadId: 'essay',
    })
    const { sessions: _, ...rest } = readableState(runtime.getState())
    expect(rest).toMatchInlineSnapshot(`
      {
        "breakers": {
          "api": {
            "failureThreshold": 5,
            "failures": 0,
            "halfOpenMaxProbes": 1,
            "probeTimeoutMs": 300000,
            "recoveryTimeoutMs": 60000,
            "state": "closed",
          },
        },
        "orchestrators": {
          "orchestrator-1": {
            "breaker": "api",
            "enforceBudget": false,
            "maxIterations": 25,
            "maxRateLimitWaitMs": 300000,
            "model": "your-model",
            "phase": "draft",
            "projectId": 42,
            "rateLimit": "provider",
            "recovery": {
              "backoff": {},
              "escalation": "pause",
              "escalationTimeoutMs": 1800000,
              "maxRetryAfterMs": 120000,
              "mode": "record",
              "recipes": {},
            },
            "role": "writer",
            "unpricedModels": "allow",
          },
        },
        "prices": {
          "your-model": {
            "inputPerMillion": 3,
            "match": "prefix",
            "outputPerMillion": 15,
          },
        },
        "projects": {
          "42": {
            "costByModel": {
              "your-model": 0.033,
            },
            "costUsd": 0.033,
            "tokens": {
              "input": 5000,
              "output": 1200,
            },
            "turns": {
              "completed": 1,
              "iterations": 1,
              "started": 1,
            },
          },
        },
        "rateLimits": {
          "provider": {
            "rpm": {
              "at": "1970-01-01T00:00:01.000Z",
              "capacity": 6,
              "refillPerSecond": 1,
              "tokens": 5,
            },
          },
        },
        "seq": 10,
        "threads": {
          "essay": {
            "costByModel": {
              "your-model": 0.033,
            },
            "costUsd": 0.033,
            "kept": {
              "draft": "session-1 turn-1",
            },
            "runs": {
              "writer": {
                "sessionId": "session-1",
              },
            },
            "tokens": {
              "input": 5000,
              "output": 1200,
            },
            "turns": {
              "completed": 1,
              "iterations": 1,
              "started": 1,
            },
          },
        },
        "totals": {
          "costByModel": {
            "your-model": 0.033,
          },
          "costUsd": 0.033,
          "tokens": {
            "input": 5000,
            "output": 1200,
          },
          "turns": {
            "completed": 1,
            "iterations": 1,
            "started": 1,
          },
        },
      }
    `)
  })

  it('shows the calls in flight and what a person is asked [VIEW-1]', async () => {
    const { runtime, orchestrator } = createTestRuntime({ budgetUsd: 1, enforceBudget: true })
    const session = await orchestrator.open()
    void session.runTurn(() => new Promise(() => undefined), { model: 'your-model', estimate: { outputTokens: 1_000 } })
    void session.runTool('publish', () => undefined, {
      args: { to: 'all' },
      requireApproval: { preview: () => 'the text' },
    })
    void session.pauseForInput('Which tone?')
    expect(sessionOf(runtime.getState(), session.id)).toMatchObject({
      status: 'waiting_for_input',
      inFlight: { 'turn-1': 'your-model' },
      budget: { budgetUsd: 1, enforced: true, reservedUsd: 0.015 },
      pending: {
        'request-1': { kind: 'approval', tool: 'publish', preview: 'the text' },
        'request-2': { kind: 'human_input', prompt: 'Which tone?' },
      },
    })
  })

  it('counts the answers that a session can be taken up with [VIEW-1]', async () => {
    const runtime = createAgentRuntime({
      clock: createManualClock(0),
      log: createMemoryLog(),
      record: { results: 'json' },
    })
    const writer = runtime.orchestrator({ role: 'writer', phase: 'draft' })
    await writer.session(
      async (session) => {
        await session.runTurn(() => 'one')
        await session.step('two', () => 'two')
        expect(sessionOf(runtime.getState(), session.id)?.['journal']).toEqual({ results: 'json', answers: 2 })
      },
      { threadId: 'essay' },
    )
  })

  it('counts what was forgotten [VIEW-2]', async () => {
    const { runtime, orchestrator } = createTestRuntime({}, { retainEndedSessions: 1 })
    for (let count = 0; count < 3; count += 1) await orchestrator.session(() => 'done')
    const { sessions, forgotten } = partsOf(runtime.getState())
    expect(forgotten).toEqual({ completed: 2 })
    expect(Object.keys(sessions ?? {})).toEqual(['session-3'])
  })

  it('keeps names that every object has [VIEW-2]', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    await orchestrator.session(() => 'done', { threadId: '__proto__' })
    expect(Object.keys(partsOf(runtime.getState())['threads'] ?? {})).toEqual(['__proto__'])
  })

  it('gives the same object for the same part [VIEW-3]', async () => {
    const { runtime, orchestrator } = createTestRuntime()
    await orchestrator.session((session) => session.runTurn(() => 'one', DRAFT), { threadId: 'first' })
    const before = partsOf(runtime.getState())
    await orchestrator.session((session) => session.runTurn(() => 'two', DRAFT), { threadId: 'second' })
    const after = partsOf(runtime.getState())
    expect(readableState(runtime.getState())).toBe(after)
    expect(after['sessions']?.['session-1']).toBe(before['sessions']?.['session-1'])
    expect(after['threads']?.['first']).toBe(before['threads']?.['first'])
    expect(after['orchestrators']).toBe(before['orchestrators'])
    expect(after['prices']).toBe(before['prices'])
  })

  it('reads one session of 10,000 again when a fact changed that one [VIEW-3]', async () => {
    const many = 10_000
    const opened = Array.from({ length: many }, (_, index) => openedFact(index + 1))
    const state = opened.reduce<RuntimeState>(runtimeReducer, initialState)
    const before = partsOf(state)['sessions'] ?? {}
    const next = runtimeReducer(state, factOf(facts.sessionParked({ sessionId: 'session-7' }), many + 1))
    const after = partsOf(next)['sessions'] ?? {}
    const changed = Object.keys(after).filter((id) => after[id] !== before[id])
    expect(Object.keys(after)).toHaveLength(many)
    expect(changed).toEqual(['session-7'])
  })

  it('reads every state of a log, what was recorded of answers included [VIEW-1]', async () => {
    const log = await tellRecordedStory()
    let state = initialState
    for (const fact of log) {
      state = runtimeReducer(state, fact)
      expect(readableState(state)['seq']).toBe(fact.meta.seq)
    }
    expect(partsOf(initialState)).toEqual({ seq: 0 })
  })
})

function openedFact(number: number): AnyFact {
  const sessionId = `session-${number}`
  const about = { orchestratorId: 'orchestrator-1', role: 'writer', phase: 'draft', projectId: null, threadId: null }
  return factOf(facts.sessionOpened({ sessionId, ...about, run: null, results: 'none' }), number)
}

function factOf(draft: { readonly type: string; readonly payload: unknown }, seq: number): AnyFact {
  return { ...draft, meta: { seq, at: seq, stream: '@runtime', v: 1 } } as AnyFact
}
