import type { ModelAnswer } from './scriptedModel.js'

/*
 * What the model says. The text follows from what it is asked, as if it had read it.
 */

export function notesAbout(topic: string): string {
  return `Two sources agree about ${topic}, and a third one does not.`
}

export function draftOf(topic: string, notes: string): ModelAnswer {
  const text = `A long and winding story about ${topic}. ${notes} More than that, nobody is ready to say today.`
  return { text, usage: { inputTokens: 1_850, outputTokens: 640 } }
}

export function revisionOf(draft: string): ModelAnswer {
  const text = draft.replace('A long and winding story', 'A story').replace(/ More than that.*$/, '')
  return { text, usage: { inputTokens: 760, outputTokens: 310 } }
}

export function headlineOf(topic: string): ModelAnswer {
  return { text: `${topic}: what we know`, usage: { inputTokens: 320, outputTokens: 40 } }
}
