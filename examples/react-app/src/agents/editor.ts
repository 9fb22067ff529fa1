import { ApprovalRejectedError, type AgentSession } from 'redux-agent-runtime'
import { headlineOf, revisionOf } from './script.js'
import type { ModelAnswer, ScriptedModel } from './scriptedModel.js'

/** Shortens the draft of the writer, finds a headline, and publishes both when a person has said yes. */
export async function edit(session: AgentSession, model: ScriptedModel): Promise<'published' | 'kept back'> {
  const { topic, draft } = session.handoff?.context as { readonly topic: string; readonly draft: string }
  const text = await ask(session, model, 'revise', draft, revisionOf(draft))
  const headline = await ask(session, model, 'headline', topic, headlineOf(topic))
  try {
    await session.runTool('publish', ({ signal }) => model.work('published', signal), {
      args: { headline, text },
      idempotent: true,
      requireApproval: { preview: (story) => ({ ...story }) },
    })
    return 'published'
  } catch (error) {
    if (error instanceof ApprovalRejectedError) return 'kept back'
    throw error
  }
}

async function ask(
  session: AgentSession,
  model: ScriptedModel,
  name: string,
  input: string,
  answer: ModelAnswer,
): Promise<string> {
  const { value } = await session.runTurn(({ signal }) => model.ask(answer, signal), {
    ...{ name, input },
    usage: ({ usage }) => usage,
  })
  return value.text
}
