import { useEffect, useState } from 'react'
import type { InspectorClient } from '../../model/index.js'
import type { LoadedLog } from '../data/logs.js'

export type Loading =
  | { readonly status: 'loading'; readonly name: string | null; readonly facts: number; readonly of: number }
  | { readonly status: 'loaded'; readonly logs: readonly LoadedLog[] }
  /** `name`: of the log that could not be read. `null`: the server did not tell which logs there are. */
  | { readonly status: 'failed'; readonly name: string | null; readonly message: string }

/** Reads all logs that the server has, one after the other. */
export function useLoadedLogs(client: InspectorClient): Loading {
  const [loading, setLoading] = useState<Loading>({ status: 'loading', name: null, facts: 0, of: 0 })
  useEffect(() => {
    let isWanted = true
    const tell = (told: Loading) => {
      if (isWanted) setLoading(told)
    }
    void load(client, tell)
    return () => {
      isWanted = false
    }
  }, [client])
  return loading
}

async function load(client: InspectorClient, tell: (loading: Loading) => void): Promise<void> {
  let name: string | null = null
  try {
    const logs: LoadedLog[] = []
    for (const log of await client.logs()) {
      name = log.name
      tell({ status: 'loading', name, facts: 0, of: log.facts })
      const run = await client.load(log, (facts, of) => tell({ status: 'loading', name, facts, of }))
      logs.push({ log, run })
    }
    tell({ status: 'loaded', logs })
  } catch (error) {
    tell({ status: 'failed', name, message: error instanceof Error ? error.message : String(error) })
  }
}
