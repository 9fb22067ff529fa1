import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { startInspector } from '../../inspector/server/index.js'
import { integerFrom, LOG, type AddCommand, type JsonOption } from '../command.js'
import type { CliContext } from '../context.js'
import { plain } from '../text.js'

interface Options extends JsonOption {
  readonly port?: number
  readonly content?: true
}

/** Where the build puts the page. */
const PAGE = fileURLToPath(new URL('../../inspector/page', import.meta.url))

export const addInspect: AddCommand = (define, context) => {
  define(
    {
      name: 'inspect',
      summary: 'Show a log in the browser, or two beside each other',
      args: { ...LOG, '[other]': 'a log to compare it with' },
      notes: `Open the address that is printed. Only this machine reaches it, and only with the token that is in it. Runs until it is
interrupted. The page calls no model and no tool, and sends nothing anywhere; loaded again, it shows what was written since.`,
    },
    async (options: Options, log: string, other?: string) => {
      const paths = other === undefined ? [log] : [log, other]
      for (const path of paths) await context.withLog(path, async () => 0)
      await serve(context, paths, options)
      return 0
    },
  )
    .option('--port <n>', 'the port to serve on (default: any that is free)', integerFrom(0, 65_535))
    .option('--content', 'also show what was said, as far as it is in the log')
}

async function serve({ io, line, json }: CliContext, paths: readonly string[], options: Options): Promise<void> {
  const { port, content = false } = options
  const token = randomBytes(16).toString('base64url')
  const { openLog } = io
  const server = await startInspector({ folder: PAGE, paths, openLog, token, content, port })
  try {
    const isInterrupted = io.interrupted()
    if (options.json) await json({ url: server.url })
    else await line(`${paths.map(plain).join(' and ')}: ${server.url}`)
    await io.stdout.flush()
    await isInterrupted
  } finally {
    await server.close()
  }
}
