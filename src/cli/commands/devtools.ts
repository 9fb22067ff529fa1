import { fileURLToPath } from 'node:url'
import { DEFAULT_HOST, DEFAULT_PORT } from '../../devtools/address.js'
import { attachRelay } from '../../devtools/relay.js'
import { CliError } from '../cliError.js'
import { integerFrom, type AddCommand, type JsonOption } from '../command.js'
import type { CliContext } from '../context.js'
import { isLoopback, startLocalServer } from '../localServer.js'
import { plain } from '../text.js'

interface Options extends JsonOption {
  readonly host: string
  readonly port: number
}

/** Where the build puts the page. */
const PAGE = fileURLToPath(new URL('../../devtools/page', import.meta.url))

/** Nothing is asked of any other server. The styles of the page are made while it runs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export const addDevtools: AddCommand = (define, context) => {
  define(
    {
      name: 'devtools',
      summary: 'Show running programs in Redux DevTools',
      args: {},
      notes: `Open the address that is printed. Programs that have a store with connectDevTools() appear by themselves. Only this machine
reaches it, unless --host says otherwise. Runs until it is interrupted.`,
    },
    async (options: Options) => {
      await serve(context, options)
      return 0
    },
  )
    .option('--port <n>', 'the port to serve on, 0 for any that is free', integerFrom(0, 65_535), DEFAULT_PORT)
    .option('--host <address>', 'the address of this machine to serve on', DEFAULT_HOST)
}

async function serve(context: CliContext, { host, port, json }: Options): Promise<void> {
  const { io, line } = context
  if (!isLoopback(host)) context.note(`whoever reaches ${host} sees what these programs do, and can hold them`)
  const server = await startLocalServer({ folder: PAGE, host, port, contentSecurityPolicy: CONTENT_SECURITY_POLICY })
  try {
    const relay = await attachRelay(server).catch(explainMissing)
    const isInterrupted = io.interrupted()
    if (json) await context.json({ url: server.origin })
    else await line(`Redux DevTools: ${plain(server.origin)}`)
    await io.stdout.flush()
    await isInterrupted
    await relay.close()
  } finally {
    await server.close()
  }
}

function explainMissing(error: unknown): never {
  if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
  throw new CliError('devtools needs a library that is not installed: npm install --save-dev socketcluster-server')
}
