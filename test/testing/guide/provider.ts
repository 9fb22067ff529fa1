import type { Answer } from './essay.js'

/** Stands for the SDK of a provider. */
export async function callProvider(prompt: string): Promise<Answer> {
  const text = prompt.startsWith('Write') ? 'The tides come in, and the tides go out.' : 'The tides come and go.'
  return { text, usage: { inputTokens: prompt.length, outputTokens: text.length } }
}
