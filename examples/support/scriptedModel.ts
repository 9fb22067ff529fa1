import type { Model } from '../tiny-agent/model.js'

export type ScriptedModel = Pick<Model, 'name' | 'complete'>

/**
 * A model that answers a prompt by a script. Four characters are a token to it.
 *
 * @param think - Lets the time go by that an answer takes.
 */
export function createScriptedModel(
  name: string,
  answer: (prompt: string) => string,
  think: () => Promise<void>,
): ScriptedModel {
  const tokens = (text: string) => Math.ceil(text.length / 4)
  return {
    name,
    async complete(_call, prompt) {
      await think()
      const text = answer(prompt)
      return { text, usage: { inputTokens: tokens(prompt), outputTokens: tokens(text) } }
    },
  }
}
