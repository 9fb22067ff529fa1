import { mkdir, writeFile } from 'node:fs/promises'
import { afterEach } from 'vitest'
import { openLogFile } from '../../src/cli/openLog.js'
import { createClient, tokenOf, type InspectorClient } from '../../src/inspector/model/index.js'
import { startInspector, type InspectorServer, type InspectorServerOptions } from '../../src/inspector/server/index.js'
import { useFolder } from '../cli/run.js'

export interface Served extends InspectorServer {
  readonly origin: string
  readonly token: string
  readonly client: InspectorClient
}

/** Logs in a fresh folder, and servers that end with the test. */
export function useServing() {
  const files = useFolder()
  const servers: InspectorServer[] = []
  afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))
  return {
    files,
    /** A page that is nothing but files. */
    async writePage(): Promise<string> {
      const folder = files.path('page')
      await mkdir(`${folder}/assets`, { recursive: true })
      await writeFile(`${folder}/index.html`, '<!doctype html><title>page</title>')
      await writeFile(`${folder}/assets/index-1a2b.js`, 'export {}')
      return folder
    },
    async serve(paths: readonly string[], options: Partial<InspectorServerOptions> = {}): Promise<Served> {
      const folder = await this.writePage()
      const given = { folder, paths, openLog: openLogFile, token: 'the-token', content: false }
      const server = await startInspector({ ...given, ...options })
      servers.push(server)
      const { origin, hash } = new URL(server.url)
      const token = tokenOf(hash)
      return { ...server, origin, token, client: createClient({ origin, token }) }
    },
  }
}
