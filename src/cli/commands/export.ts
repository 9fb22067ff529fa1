import { Option } from 'commander'
import { withoutContent } from '../../transcript/content.js'
import { CliError } from '../cliError.js'
import { LOG, type AddCommand, type JsonOption } from '../command.js'
import { progressOf, type CliContext } from '../context.js'
import { csvLine } from '../csv.js'
import { createFile } from '../fileOutput.js'
import type { OpenedLog } from '../io.js'
import { silent } from '../progress.js'
import { steps } from '../scan.js'
import { jsonText } from '../text.js'
import { ToolRows } from '../toolRows.js'
import { TurnRows } from '../turnRows.js'

interface Options extends JsonOption {
  readonly format: 'jsonl' | 'csv'
  readonly rows: 'turns' | 'tools'
  readonly out?: string
  readonly content?: true
}

type Write = (text: string) => Promise<void> | undefined

export const addExport: AddCommand = (define, context) => {
  define(
    {
      name: 'export',
      summary: 'Write facts as JSONL, or turns or tool calls as CSV',
      args: LOG,
      notes: `JSONL has a fact a line, without what was said unless --content is given. To copy a log as it is, use convert.
CSV has a row a turn or a tool call. With --json and --out, what was written is told as JSON.`,
    },
    async (options: Options, path: string) =>
      context.withLog(path, async (opened) => {
        if (options.out === undefined) await write(context, opened, options, context.io.stdout.write)
        else await writeFile(context, opened, options, options.out)
        return 0
      }),
  )
    .addOption(new Option('--format <format>', 'what to write').choices(['jsonl', 'csv']).makeOptionMandatory())
    .addOption(new Option('--rows <rows>', 'what CSV has a row for').choices(['turns', 'tools']).default('turns'))
    .option('--out <file>', 'write to this file, which must not exist')
    .option('--content', 'with JSONL: also what was said, as far as it is in the log')
}

async function writeFile(context: CliContext, opened: OpenedLog, options: Options, path: string): Promise<void> {
  const lines = await createFile(path, (put) => write(context, opened, options, put))
  if (options.json) await context.json({ path, format: options.format, lines })
  else await context.line(`${lines} lines written`)
}

/** @returns How many lines were written. */
async function write(context: CliContext, opened: OpenedLog, options: Options, write: Write): Promise<number> {
  if (options.json && options.out === undefined && options.format === 'csv') {
    throw new CliError('export: --json and --format csv need --out')
  }
  // On a terminal a bar would stand in the middle of what is written.
  const progress = options.out === undefined ? silent : progressOf(context, opened)
  const source = options.rows === 'turns' ? new TurnRows() : new ToolRows()
  let lines = 0
  const put = (text: string) => {
    lines += 1
    return write(text)
  }
  if (options.format === 'csv') await put(csvLine(source.columns))
  for await (const step of steps(opened, progress)) {
    if (options.format === 'csv') for (const row of source.add(step)) await put(csvLine(row))
    else await put(`${jsonText(options.content ? step.fact : withoutContent(step.fact))}\n`)
  }
  if (options.format === 'csv') for (const row of source.rest()) await put(csvLine(row))
  return lines
}
