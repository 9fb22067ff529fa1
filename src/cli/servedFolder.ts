import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { CliError } from './cliError.js'

export interface ServedFile {
  readonly contentType: string
  read(): Promise<Buffer>
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
}

/**
 * The files of a folder, by the path that a browser asks for. Only what was there when it was listed: no path leads out of it.
 *
 * @throws {CliError} It has no `index.html`.
 */
export async function createFolder(folder: string): Promise<ReadonlyMap<string, ServedFile>> {
  const files = new Map<string, ServedFile>()
  for (const path of await filesOf(folder)) {
    const name = relative(folder, path).split(sep).map(encodeURIComponent).join('/')
    const contentType = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream'
    files.set(`/${name}`, { contentType, read: () => readFile(path) })
  }
  const page = files.get('/index.html')
  if (!page) throw new CliError(`${folder} has no page: it was not built`)
  return files.set('/', page)
}

async function filesOf(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  } catch {
    return []
  }
}
