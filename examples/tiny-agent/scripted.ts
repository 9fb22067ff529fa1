import type { UsageInput } from 'redux-agent-runtime'
import type { Completion, Model, Models } from './model.js'

interface ScriptedAnswer extends Completion {
  readonly usage: UsageInput
  readonly tookMs: number
}

/** Lets time go by. */
export type Pass = (ms: number) => Promise<void>

/** A model that gives these answers, in this order, each in its own time. */
function createScriptedModel(name: string, answers: readonly ScriptedAnswer[], pass: Pass): Model {
  const script = answers.values()
  const next = async (): Promise<ScriptedAnswer> => {
    const { value: answer } = script.next()
    if (!answer) throw new Error(`the script of ${name} has no more answers`)
    await pass(answer.tookMs)
    return answer
  }
  return {
    name,
    complete: next,
    async stream({ reportUsage }) {
      const { text, usage } = await next()
      reportUsage(usage)
      return text
    },
  }
}

export function scriptedModels(pass: Pass): Models {
  return {
    drafting: createScriptedModel('scripted-small', drafts, pass),
    editing: createScriptedModel('scripted-large', edits, pass),
  }
}

const drafts: readonly ScriptedAnswer[] = [
  {
    text:
      'An event log keeps everything that happened and forgets nothing. Whoever reads it from the start learns ' +
      'where things stand, and also how they came to stand there.',
    usage: { inputTokens: 1_850, outputTokens: 640 },
    tookMs: 1_200,
  },
  {
    text:
      'An event log is a list of what happened, in order, that nobody ever rewrites. Whoever reads it from the ' +
      'start learns where things stand, and also how they came to stand there.',
    usage: { inputTokens: 420, cacheReadTokens: 1_850, outputTokens: 590 },
    tookMs: 900,
  },
]

const edits: readonly ScriptedAnswer[] = [
  {
    text: 'An event log lists what happened, in order, for good. Read it, and you know what is and how it came to be.',
    usage: { inputTokens: 760, outputTokens: 310 },
    tookMs: 1_600,
  },
]
