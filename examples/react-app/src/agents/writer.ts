import { CircuitOpenError, type AgentSession, type Handoff } from 'redux-agent-runtime'
import { draftOf, notesAbout } from './script.js'
import type { ScriptedModel } from './scriptedModel.js'

/** How often the writer asks a model that does not answer. */
const ATTEMPTS = 3

/**
 * Looks something up, writes a draft and hands it to the editor.
 *
 * @param topic - Of a new story. One that is taken up again knows it from the log.
 */
export async function write(session: AgentSession, model: ScriptedModel, topic: string): Promise<Handoff> {
  const about = await session.step('topic', () => topic)
  const notes = await session.runTool('lookUp', ({ signal }) => model.work(notesAbout(about), signal), {
    args: { about },
    idempotent: true,
  })
  const draft = await askForDraft(session, model, about, notes)
  return session.handoffTo('editor', { reason: 'the draft is ready', context: { topic: about, draft } })
}

async function askForDraft(
  session: AgentSession,
  model: ScriptedModel,
  topic: string,
  notes: string,
  attempt = 1,
): Promise<string> {
  try {
    const { value } = await session.runTurn(({ signal }) => model.ask(draftOf(topic, notes), signal), {
      ...{ name: 'draft', input: { topic, notes } },
      usage: ({ usage }) => usage,
    })
    return value.text
  } catch (error) {
    if (attempt === ATTEMPTS || session.signal.aborted || error instanceof CircuitOpenError) throw error
    return askForDraft(session, model, topic, notes, attempt + 1)
  }
}
