import { useEffect, useState } from 'react'
import type { InspectorClient } from '../../model/index.js'
import type { LoadedLog } from '../data/logs.js'
import { messageOf } from '../format.js'

export type Loading =
  | { readonly status: 'loading'; readonly name: string | null; readonly facts: number; readonly of: number }
  | { readonly status: 'loaded'; readonly logs: readonly LoadedLog[] }
  | { readonly status: 'failed'; readonly title: string; readonly message: string }

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
    tell({ status: 'failed', ...failureOf(error, name) })
  }
}

/** @param name - Of the log that was read. `null`: none yet. */
function failureOf(error: unknown, name: string | null): { readonly title: string; readonly message: string } {
  // What `fetch` throws when nobody answers.
  if (error instanceof TypeError)
    return { title: 'The server does not answer', message: 'Start the command again, and open the address it prints' }
  return { title: name === null ? 'The logs cannot be opened' : `${name} cannot be read`, message: messageOf(error) }
}
