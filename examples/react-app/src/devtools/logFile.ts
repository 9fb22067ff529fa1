import { ActionCreators } from '@redux-devtools/core'
import { isFact, type AgentRuntime, type Fact } from 'redux-agent-runtime'
import type { AppStore } from '../app/createStore.js'
import { AGENTS } from '../host/agentFacts.js'
import { liftedStoreOf } from './liftedStore.js'

/** A fact a line, as `npx redux-agent-runtime export` writes them. */
export async function exportedLog({ log }: AgentRuntime): Promise<string> {
  const lines: string[] = []
  for await (const fact of log.read()) lines.push(`${JSON.stringify(fact)}\n`)
  return lines.join('')
}

/**
 * Shows the run of another log: its facts take the place of the actions in DevTools.
 *
 * @throws {Error} A line is no fact.
 */
export function importLog(store: AppStore, text: string): void {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const actions = lines.map((line, index) => {
    const fact = parseFact(line, index + 1)
    return { ...fact, type: `${AGENTS}/${fact.type}` }
  })
  liftedStoreOf(store).dispatch(ActionCreators.importState(actions))
}

function parseFact(line: string, number: number): Fact {
  const action = tryParse(line) as { readonly type: string } | null | undefined
  if (typeof action !== 'object' || action === null || !isFact(action)) {
    throw new Error(`line ${number} is no fact`)
  }
  return action
}

function tryParse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
