import { describe, expect, it } from 'vitest'
import { facts, readableAction } from '../../src/index.js'
import { tellRecordedStory } from '../cli/recordedStory.js'
import { tellStory } from '../cli/story.js'

const COMPLETED = {
  type: 'turns/completed',
  payload: {
    ...{ sessionId: 'session-3', turnId: 'turn-2', model: 'm', price: null, metered: true, admission: null },
    usage: {
      inputTokens: 1_000,
      outputTokens: 200,
      cacheWriteTokens: 0,
      cacheReadTokens: 40,
      cacheTtl: null,
      toolCalls: 0,
    },
  },
  meta: { seq: 7, at: 0, stream: '@session-3', v: 1 },
}

describe('a readable action', () => {
  it('is a fact under a name that says what it is about [VIEW-4]', async () => {
    const story = await tellStory()
    expect(story.map((fact) => readableAction(fact).type)).toMatchInlineSnapshot(`
      [
        "pricing/registered · small-model, large-model",
        "orchestrators/registered · orchestrator-1 writer/draft",
        "orchestrators/registered · orchestrator-2 editor/review",
        "orchestrators/registered · orchestrator-3 scout/search",
        "sessions/opened · session-1 · writer/draft essay",
        "turns/started · session-1 turn-1 · small-model",
        "turns/completed · session-1 turn-1 · 2,490 tokens",
        "turns/kept · session-1 turn-1 · draft",
        "tools/started · session-1 tool-1 · lookUpTerm",
        "tools/completed · session-1 tool-1 · lookUpTerm",
        "tools/blocked · session-1 · publish by permission",
        "inputs/requested · session-1 request-1 · human_input",
        "inputs/provided · session-1 request-1",
        "gates/evaluated · session-1 · standard passed",
        "policies/evaluated · session-1 · to review",
        "handoffs/issued · session-1 · to editor as session-2",
        "sessions/opened · session-2 · editor/review essay",
        "turns/started · session-2 turn-1 · large-model",
        "turns/completed · session-2 turn-1 · 1,270 tokens",
        "tools/started · session-2 tool-1 · publish",
        "tools/completed · session-2 tool-1 · publish",
        "sessions/completed · session-2",
        "sessions/opened · session-3 · scout/search",
        "turns/started · session-3 turn-1 · unknown-model",
        "turns/completed · session-3 turn-1 · 15 tokens",
        "turns/started · session-3 turn-2 · unknown-model",
        "turns/failed · session-3 turn-2 · llm_error",
        "recovery/attempted · session-3 turn-2 · llm_error recovered",
        "sessions/failed · session-3 · validation_error",
        "sessions/opened · session-4 · writer/draft left-over",
        "turns/started · session-4 turn-1 · small-model",
      ]
    `)
  })

  it('keeps the prefix of a module, the payload and the meta [VIEW-4]', () => {
    const action = { ...COMPLETED, type: 'agents/turns/completed' }
    expect(readableAction(COMPLETED).type).toBe('turns/completed · session-3 turn-2 · 1,240 tokens')
    expect(readableAction(action)).toEqual({
      ...action,
      type: 'agents/turns/completed · session-3 turn-2 · 1,240 tokens',
    })
  })

  it('names every kind of fact, and says nothing that was said [VIEW-5]', async () => {
    const log = [...(await tellStory()), ...(await tellRecordedStory())]
    expect(JSON.stringify(log)).toContain('SECRET')
    for (const fact of log) expect(readableAction(fact).type).not.toContain('SECRET')
    for (const { type } of Object.values(facts)) {
      expect(readableAction({ type, payload: { sessionId: 'session-1' }, meta: { seq: 1 } }).type).toContain(type)
    }
  })

  it.each([
    ['an action of the host', { type: 'drafts/opened', payload: { sessionId: 'session-1' }, meta: { seq: 1 } }],
    ['a fact that nobody has recorded', { type: COMPLETED.type, payload: COMPLETED.payload }],
    ['something without a type', { type: Symbol('secret') }],
    ['a fact without a payload', { type: 'turns/completed', meta: { seq: 1 } }],
  ])('is %s as it is [VIEW-6]', (_, action) => {
    expect(readableAction(action)).toBe(action)
  })

  it('says only the type of what merely looks like a fact [VIEW-6]', () => {
    const action = { type: 'turns/completed', payload: { metered: true }, meta: { seq: 1 } }
    expect(readableAction(action)).toBe(action)
  })

  it('says of what it is a copy, and cuts long names [VIEW-4]', () => {
    const copy = { ...COMPLETED, meta: { ...COMPLETED.meta, origin: 3 } }
    expect(readableAction(copy).type).toMatch(/1,240 tokens · copy of 3$/)
    const key = { type: 'turns/kept', payload: { sessionId: 'session-1', key: 'k'.repeat(500) }, meta: { seq: 1 } }
    expect(readableAction(key).type).toHaveLength('turns/kept · session-1 · '.length + 80)
  })
})
