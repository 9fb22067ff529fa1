import { useEffect, useState } from 'react'
import type { WhatIf } from '../../../history/whatIf.js'
import type { WhatIfChanges } from '../../../history/whatIfChanges.js'
import { askWhatIf } from '../../model/index.js'
import { useRun } from '../data/logs.js'

export type Asked =
  | { readonly status: 'nothing' }
  | { readonly status: 'asking' }
  | { readonly status: 'told'; readonly told: WhatIf }
  | { readonly status: 'failed'; readonly message: string }

/** Asks, when the page has said that it does. */
export function useWhatIf(changes: WhatIfChanges | null): Asked {
  const run = useRun()
  const [asked, setAsked] = useState<Asked>({ status: 'nothing' })
  useEffect(() => {
    if (changes === null) return setAsked({ status: 'nothing' })
    setAsked({ status: 'asking' })
    const timer = setTimeout(() => {
      try {
        setAsked({ status: 'told', told: askWhatIf(run, changes) })
      } catch (error) {
        setAsked({ status: 'failed', message: error instanceof Error ? error.message : String(error) })
      }
    })
    return () => clearTimeout(timer)
  }, [run, changes])
  return asked
}
