import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CliError } from './cliError.js'
import { createFolder, type ServedFile } from './servedFolder.js'
import { systemReason } from './systemReason.js'

/** What a server on this machine is made of. */
export interface LocalServerOptions {
  /** Its files are served as they are when the server starts. `index.html` answers `/`. */
  readonly folder: string
  /** Default: any free one. */
  readonly port?: number | undefined
  /** An address of this machine. Default `127.0.0.1`: nobody else reaches it. */
  readonly host?: string | undefined
  /** Default: everything comes from the server itself, and nothing may embed it. */
  readonly contentSecurityPolicy?: string | undefined
  /** Asked before the files. `false`: it does not answer this one. */
  readonly answer?: Answer | undefined
}

/** Headers that forbid caching, embedding and sniffing are set already. */
type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => boolean | Promise<boolean>

export interface LocalServer {
  /** For those who take over connections: ask {@link LocalServer.isTrusted} before. */
  readonly http: Server
  /** `http://127.0.0.1:4321` */
  readonly origin: string
  readonly port: number
  /** Whether a request names this server and comes from its own page, or from no page at all. */
  isTrusted(request: IncomingMessage): boolean
  /** Takes no more requests, and ends those that run. */
  close(): Promise<void>
}

const OWN_CONTENT_ONLY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/**
 * Serves a folder on this machine. Requests that name another host are refused, so that no web page reaches it by a name of its own.
 *
 * @throws {CliError} The port is taken, the host is no address of this machine, or the folder has no page.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  const { host = '127.0.0.1', contentSecurityPolicy = OWN_CONTENT_ONLY, answer = () => false } = options
  const files = await createFolder(options.folder)
  const http = createServer((request, response) => void serve(request, response))
  const port = await listen(http, host, options.port ?? 0)
  const names = trustedNames(host, port)

  function isTrusted({ headers }: IncomingMessage): boolean {
    const { host: named = '', origin } = headers
    return names.has(named) && (origin === undefined || names.has(origin.replace(/^http:\/\//, '')))
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeaders(headersOf(contentSecurityPolicy))
    try {
      if (!isTrusted(request)) return end(response, 403, 'this server answers its own page only')
      const url = new URL(`http://${bracketed(host)}:${port}${request.url ?? '/'}`)
      if (await answer(request, response, url)) return
      if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'only GET and HEAD')
      const file = files.get(url.pathname)
      if (file) await send(request, response, file)
      else end(response, 404, 'there is no such page')
    } catch (error) {
      // Whoever asked has an answer already, or gets none of the error: it may tell what is in the log.
      if (response.headersSent) response.destroy(error as Error)
      else end(response, 500, 'the request could not be answered')
    }
  }

  return {
    http,
    port,
    origin: `http://${bracketed(host)}:${port}`,
    isTrusted,
    close: async () => {
      const closed = new Promise((resolve) => http.close(resolve))
      http.closeAllConnections()
      await closed
    },
  }
}

function headersOf(contentSecurityPolicy: string): Map<string, string> {
  return new Map([
    ['Content-Security-Policy', contentSecurityPolicy],
    ['Cache-Control', 'no-store'],
    ['X-Content-Type-Options', 'nosniff'],
    ['Referrer-Policy', 'no-referrer'],
    ['Cross-Origin-Opener-Policy', 'same-origin'],
    ['Cross-Origin-Resource-Policy', 'same-origin'],
  ])
}

async function listen(http: Server, host: string, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) => reject(new CliError(cannotListen(error, host, port))))
    http.listen({ host, port }, resolve)
  })
  return (http.address() as AddressInfo).port
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE') return `port ${port} is in use: choose another one with --port`
  if (error.code === 'EACCES') return `port ${port} may not be used: permission denied`
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') return `${host} is no address of this machine`
  return `nothing can be served on ${host}:${port}: ${systemReason(error)}`
}

const LOOPBACK: readonly string[] = ['127.0.0.1', 'localhost', '::1']

/** Whether only this machine reaches what listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(host)
}

/** The values of `Host` that mean this server. */
function trustedNames(host: string, port: number): ReadonlySet<string> {
  const hosts = isLoopback(host) ? LOOPBACK : [host]
  return new Set(hosts.flatMap((name) => [`${bracketed(name)}:${port}`, ...(port === 80 ? [bracketed(name)] : [])]))
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host
}

async function send(request: IncomingMessage, response: ServerResponse, file: ServedFile): Promise<void> {
  const bytes = await file.read()
  response.writeHead(200, { 'Content-Type': file.contentType, 'Content-Length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

function end(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end(`${text}\n`)
}
