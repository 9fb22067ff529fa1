import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createServer, preview } from 'vite'

const app = fileURLToPath(new URL('../../../examples/react-app', import.meta.url))
const vite = fileURLToPath(new URL('../../../node_modules/vite/bin/vite.js', import.meta.url))
const common = { configFile: join(app, 'vite.config.ts'), logLevel: 'error', clearScreen: false } as const

export interface Served {
  readonly url: string
  close(): Promise<void>
}

/** Serves the example as `npm run example:react` does. */
export async function serveNewsroom(): Promise<Served> {
  // What another process bundles at the same time is not ours.
  const cacheDir = await mkdtemp(join(tmpdir(), 'newsroom-'))
  const server = await createServer({
    ...common,
    cacheDir,
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
  })
  await server.listen()
  const close = () => server.close()
  return { url: urlOf(server.httpServer?.address()), close: () => closeAndRemove(close, cacheDir) }
}

/** Builds the example and serves what was built. */
export async function serveBuiltNewsroom(): Promise<Served & { readonly folder: string }> {
  const outDir = await mkdtemp(join(tmpdir(), 'newsroom-'))
  const env = { ...process.env, NODE_ENV: 'production' }
  await promisify(execFile)(process.execPath, [vite, 'build', app, '--outDir', outDir, '--logLevel', 'error'], { env })
  const server = await preview({ ...common, build: { outDir }, preview: { host: '127.0.0.1', port: 0 } })
  const close = () => server.close()
  return { url: urlOf(server.httpServer.address()), folder: outDir, close: () => closeAndRemove(close, outDir) }
}

async function closeAndRemove(close: () => Promise<void>, folder: string): Promise<void> {
  await close()
  await rm(folder, { recursive: true, force: true })
}

function urlOf(address: string | { readonly port: number } | null | undefined): string {
  if (!address || typeof address === 'string') throw new Error('the server has no port')
  return `http://127.0.0.1:${address.port}/`
}
