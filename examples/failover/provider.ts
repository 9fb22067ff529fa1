import type { TurnCall, UsageInput } from 'redux-agent-runtime'

/** What a provider says to one call: an answer, or what its SDK throws. */
export type Reply = { readonly text: string; readonly usage: UsageInput } | Error

/** A provider that replies from a script, in order. */
export interface Provider {
  readonly name: string
  readonly model: string
  complete(call: Pick<TurnCall, 'reportUsage'>, messages: readonly string[]): Promise<string>
}

export function createScriptedProvider(name: string, model: string, replies: readonly Reply[]): Provider {
  const script = replies.values()
  return {
    name,
    model,
    async complete({ reportUsage }, messages) {
      if (messages.length > MAX_MESSAGES) throw httpError(413)
      const { value: reply } = script.next()
      if (!reply) throw new Error(`the script of ${name} has no more replies`)
      if (reply instanceof Error) throw reply
      reportUsage(reply.usage)
      return reply.text
    },
  }
}

/** What the context of the models holds. */
const MAX_MESSAGES = 6

/** As SDKs throw it for a response with this status. */
export function httpError(status: number, headers: Readonly<Record<string, string>> = {}): Error {
  return Object.assign(new Error(`HTTP ${status}`), { name: 'ApiError', status, headers })
}
