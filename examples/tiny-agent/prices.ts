import type { ModelPricing } from 'redux-agent-runtime'

/** What the models of this example cost, in US dollars per million tokens. Any other model is reported as unpriced. */
export const prices: Readonly<Record<string, ModelPricing>> = {
  'scripted-small': { inputPerMillion: 3, outputPerMillion: 15, cacheReadPerMillion: 0.3 },
  'scripted-large': { inputPerMillion: 15, outputPerMillion: 75 },
  'gpt-5.6-luna': {
    inputPerMillion: 0.2,
    outputPerMillion: 1.2,
    cacheReadPerMillion: 0.02,
    cacheWritePerMillion: 0.25,
  },
}
