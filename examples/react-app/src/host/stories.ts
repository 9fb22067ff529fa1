import { facts } from 'redux-agent-runtime'
import { createFactReducer } from './agentFacts.js'

/** What a session has written so far. */
export interface Story {
  readonly sessionId: string
  readonly headline: string | null
  readonly text: string
  readonly isPublished: boolean
}

/** The latest text of each session, newest last: recorded answers are facts, so it is there again after a reload. */
export const stories = createFactReducer<readonly Story[]>([], (state, fact) => {
  if (facts.callAnswered.match(fact) && fact.payload.kind === 'turn') {
    const { sessionId, name, outcome } = fact.payload
    const text = outcome.kind === 'returned' ? textOf(outcome.value) : undefined
    if (text === undefined) return state
    return changed(state, sessionId, name === 'headline' ? { headline: text } : { text })
  }
  if (facts.toolCompleted.match(fact) && fact.payload.tool === 'publish') {
    return changed(state, fact.payload.sessionId, { isPublished: true })
  }
  return state
})

/** Of the recorded result of a turn. Whoever imports a log may import that of other agents. */
function textOf(result: unknown): string | undefined {
  const { value } = (result ?? {}) as { readonly value?: { readonly text?: unknown } | null }
  return typeof value?.text === 'string' ? value.text : undefined
}

function changed(state: readonly Story[], sessionId: string, change: Partial<Story>): readonly Story[] {
  const before = state.find((story) => story.sessionId === sessionId)
  const after = { sessionId, headline: null, text: '', isPublished: false, ...before, ...change }
  return [...state.filter((story) => story !== before), after]
}
