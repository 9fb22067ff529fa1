import type { WhatIf } from '../../../history/whatIf.js'
import type { WhatIfChanges } from '../../../history/whatIfChanges.js'
import type { Comparison } from '../../model/index.js'
import type { Part } from '../compare/part.js'
import type { AnyFact } from '../../../../slices/state.js'

/** What takes too long for the page to answer it itself. */
export type Question =
  | { readonly kind: 'compare'; readonly a: Part; readonly b: Part }
  | { readonly kind: 'what_if'; readonly log: number; readonly changes: WhatIfChanges }

export type AnswerTo<Asked extends Question> = Asked['kind'] extends 'compare' ? Comparison : WhatIf

/** What the page sends to its worker, one at a time. Each is replied to. Facts come before the first question about their log. */
export type Request = { readonly kind: 'facts'; readonly log: number; readonly facts: readonly AnyFact[] } | Question

export type Reply = { readonly answer: unknown } | { readonly error: string }

/** One end of what the page and its worker say to each other. */
export interface Line {
  onmessage: ((event: MessageEvent) => void) | null
  postMessage(message: unknown): void
}
