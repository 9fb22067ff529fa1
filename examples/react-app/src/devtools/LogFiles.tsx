import { useState, type ChangeEvent } from 'react'
import type { AgentRuntime } from 'redux-agent-runtime'
import type { AppStore } from '../app/createStore.js'
import { exportedLog, importLog } from './logFile.js'

interface LogFilesProps {
  readonly store: AppStore
  readonly runtime: AgentRuntime
}

/** Writes the log into a file, and shows that of another run. Neither changes the log. */
export function LogFiles({ store, runtime }: LogFilesProps) {
  const [problem, setProblem] = useState('')

  async function save(): Promise<void> {
    const url = URL.createObjectURL(new Blob([await exportedLog(runtime)], { type: 'application/jsonl' }))
    Object.assign(document.createElement('a'), { href: url, download: 'newsroom.jsonl' }).click()
    URL.revokeObjectURL(url)
  }

  async function load({ target }: ChangeEvent<HTMLInputElement>): Promise<void> {
    const [file] = target.files ?? []
    target.value = ''
    try {
      if (file) importLog(store, await file.text())
      setProblem('')
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error))
    }
  }

  return (
    <>
      <button type="button" onClick={() => void save()}>
        Export the log
      </button>
      <label className="file">
        Import a log
        <input type="file" accept=".jsonl" onChange={(event) => void load(event)} />
      </label>
      <output>{problem}</output>
    </>
  )
}
