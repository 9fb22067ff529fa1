import type { GuardrailSubject } from '../../src/index.js'

/** A tool call that is about to be made. */
export function called(name: string, input?: unknown): GuardrailSubject {
  return { stage: 'pre', kind: 'tool', role: 'writer', name, input }
}

/** A tool call that has returned. */
export function returned(value: unknown): GuardrailSubject {
  return {
    stage: 'post',
    kind: 'tool',
    role: 'writer',
    name: 'fetch_page',
    input: { url: 'https://example.com' },
    value,
  }
}
