import { createValue, type Value } from '../app/value.js'

/** What the page lets people change about the model. */
export interface ModelSettings {
  readonly isDown: boolean
  /** How long an answer takes, in milliseconds. */
  readonly paceMs: number
}

export interface ModelAnswer {
  readonly text: string
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number }
}

/** What an SDK throws when the provider does not answer. */
class ModelDownError extends Error {
  override readonly name = 'ModelDownError'
  readonly status = 503
}

/** Stands for an SDK. It answers from a script, after a while, and calls nobody. */
export class ScriptedModel {
  readonly #settings: () => ModelSettings
  /** How often it was called in this page. Kept outside of Redux: no time travel changes what was paid. */
  readonly calls: Value<number> = createValue(0)

  constructor(settings: () => ModelSettings) {
    this.#settings = settings
  }

  async ask(answer: ModelAnswer, signal: AbortSignal): Promise<ModelAnswer> {
    this.calls.set(this.calls.get() + 1)
    const { isDown, paceMs } = this.#settings()
    await wait(paceMs, signal)
    if (isDown) throw new ModelDownError('the model does not answer')
    return answer
  }

  /** For tools, which take their time too. */
  async work<T>(result: T, signal: AbortSignal): Promise<T> {
    await wait(this.#settings().paceMs / 2, signal)
    return result
  }
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    })
  })
}
