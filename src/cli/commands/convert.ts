import type { Fact } from '../../../slices/fact.js'
import type { EventLog } from '../../log/eventLog.js'
import { plural } from '../../transcript/words.js'
import type { AddCommand, JsonOption } from '../command.js'
import { progressOf, type CliContext } from '../context.js'
import { createLog } from '../createLog.js'
import type { OpenedLog } from '../io.js'
import { watched } from '../progress.js'
import { plain } from '../text.js'

export const addConvert: AddCommand = (define, context) => {
  define(
    {
      name: 'convert',
      summary: 'Copy a log into another store',
      args: { '<from>': 'a log', '<to>': 'a new log, by its name: .jsonl, or .db, .sqlite, .sqlite3' },
      notes: 'Nothing is overwritten. Every fact is copied as it is, what was said and hashes included.',
    },
    async ({ json }: JsonOption, from: string, to: string) =>
      context.withLog(from, async (opened) => {
        await createLog(to, (target) => copy(context, opened, target))
        const facts = opened.log.head()
        if (json) await context.json({ from, to, facts })
        else await context.line(`${plural(facts, 'fact')} copied to ${plain(to)}`)
        return 0
      }),
  )
}

/** How many facts are on their way to the disk at most. */
const BATCH = 4_096

async function copy(context: CliContext, opened: OpenedLog, target: EventLog): Promise<void> {
  let run: Fact[] = []
  let sinceFlush = 0
  const append = () => {
    const [first] = run
    if (first) target.append(first.meta.stream, run)
    run = []
  }
  for await (const fact of watched(opened.log.read(), progressOf(context, opened))) {
    if (run[0] && run[0].meta.stream !== fact.meta.stream) append()
    run.push(fact)
    sinceFlush += 1
    if (sinceFlush < BATCH) continue
    append()
    await target.flush()
    sinceFlush = 0
  }
  append()
  await target.flush()
}
