import OpenAI from 'openai'
import { readProviderUsage } from 'redux-agent-runtime'
import type { Model, Models } from './model.js'

export interface Env {
  readonly OPENAI_API_KEY?: string | undefined
  readonly OPENAI_BASE_URL?: string | undefined
  readonly OPENAI_MODEL?: string | undefined
}

export function openAiModels({ OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_MODEL: name }: Env): Models {
  const client = new OpenAI({ apiKey, baseURL: baseURL ?? null, maxRetries: 0 })
  const model = createOpenAiModel(client, name?.trim() ? name : 'gpt-5.6-luna')
  return { drafting: model, editing: model }
}

/** A model behind the Chat Completions API. Give the client `maxRetries: 0`: what it retries by itself, the runtime never sees. */
export function createOpenAiModel(client: OpenAI, name: string): Model {
  return {
    name,

    async complete({ signal }, prompt) {
      const completion = await client.chat.completions.create({ model: name, messages: messagesOf(prompt) }, { signal })
      return { text: completion.choices[0]?.message.content ?? '', usage: completion.usage }
    },

    async stream({ signal, reportUsage }, prompt) {
      const chunks = await client.chat.completions.create(
        { model: name, messages: messagesOf(prompt), stream: true, stream_options: { include_usage: true } },
        { signal },
      )
      let text = ''
      let finished = false
      for await (const { choices, usage } of chunks) {
        text += choices[0]?.delta.content ?? ''
        finished ||= Boolean(choices[0]?.finish_reason)
        if (usage) reportUsage(readProviderUsage(usage))
      }
      if (!finished) throw new StreamCutError()
      return text
    },
  }
}

/** The stream was closed before the answer was complete. The client takes that for its end. */
class StreamCutError extends Error {
  override readonly name = 'StreamCutError'
  /** By which the runtime knows that the provider is to blame. */
  readonly code = 'ECONNRESET'

  constructor() {
    super('the stream ended before the answer did')
  }
}

function messagesOf(prompt: string): OpenAI.Chat.ChatCompletionMessageParam[] {
  return [{ role: 'user', content: prompt }]
}
