import { createContext, use, useEffect, useState } from 'react'
import { messageOf } from '../format.js'
import type { Asker } from './asker.js'
import type { AnswerTo, Question } from './question.js'

export const AskerContext = createContext<Asker | null>(null)

export type Answered<Answer> =
  | { readonly status: 'nothing' }
  | { readonly status: 'asking' }
  | { readonly status: 'answered'; readonly answer: Answer }
  | { readonly status: 'failed'; readonly message: string }

/**
 * The answer to the question that was asked last. Those to earlier ones are left out.
 *
 * @param question - Asked whenever it is another object. `null`: nothing is asked.
 */
export function useAnswer<Asked extends Question>(question: Asked | null): Answered<AnswerTo<Asked>> {
  const asker = use(AskerContext)
  const [last, setLast] = useState<{ readonly to: Asked; readonly answered: Answered<AnswerTo<Asked>> }>()
  useEffect(() => {
    if (!asker || !question) return undefined
    const leaving = new AbortController()
    const tell = (answered: Answered<AnswerTo<Asked>>) => {
      if (!leaving.signal.aborted) setLast({ to: question, answered })
    }
    asker.ask(question, leaving.signal).then(
      (answer) => tell({ status: 'answered', answer }),
      (error: unknown) => tell({ status: 'failed', message: messageOf(error) }),
    )
    return () => leaving.abort()
  }, [asker, question])
  if (!question) return { status: 'nothing' }
  return last?.to === question ? last.answered : { status: 'asking' }
}
