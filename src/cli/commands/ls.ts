import { Option } from 'commander'
import { LIFECYCLE_STATUSES } from '../../../slices/rules/lifecycle.js'
import { plural } from '../../transcript/words.js'
import { integerFrom, LOG, type AddCommand, type JsonOption } from '../command.js'
import { progressOf, type CliContext } from '../context.js'
import type { OpenedLog } from '../io.js'
import { paintStatus } from '../paint.js'
import { steps } from '../scan.js'
import { together } from '../../transcript/threads.js'
import { SessionList, threadsOf, type ListedSession, type ListedThread } from '../sessionList.js'
import { formatInstant, formatSpent, plain } from '../text.js'

interface Options extends JsonOption {
  readonly status?: string
  readonly role?: string
  readonly project?: number
  readonly thread?: string
}

export const addLs: AddCommand = (define, context) => {
  define({ name: 'ls', summary: 'List threads and sessions', args: LOG }, async (options: Options, path: string) =>
    context.withLog(path, async (opened) => {
      const sessions = (await listSessions(opened, context)).filter((session) => matches(session, options))
      const threads = threadsOf(sessions)
      if (options.json) await context.json({ threads, sessions })
      else await print(context, threads, sessions)
      return 0
    }),
  )
    .addOption(new Option('--status <status>', 'only in this status').choices([...LIFECYCLE_STATUSES, 'parked']))
    .option('--role <role>', 'only of this role')
    .option('--project <id>', 'only of this project', integerFrom(0))
    .option('--thread <id>', 'only of this thread')
}

async function listSessions(opened: OpenedLog, context: CliContext): Promise<readonly ListedSession[]> {
  const list = new SessionList()
  let last
  for await (const step of steps(opened, progressOf(context, opened))) {
    list.add(step)
    last = step.state
  }
  return last ? list.finish(last) : []
}

function matches(session: ListedSession, { status, role, project, thread }: Options): boolean {
  return (
    (status === undefined || session.status === status) &&
    (role === undefined || session.role === role) &&
    (project === undefined || session.projectId === project) &&
    (thread === undefined || session.threadId === thread)
  )
}

async function print(
  context: CliContext,
  threads: readonly ListedThread[],
  sessions: readonly ListedSession[],
): Promise<void> {
  if (sessions.length === 0) return context.line('no sessions')
  if (threads.length > 0) {
    await context.table(THREAD_COLUMNS, threads.map(threadCells))
    await context.line()
  }
  await context.table(
    SESSION_COLUMNS,
    sessions.map((session) => sessionCells(context, session)),
  )
  await context.line()
  const { costUsd, unpricedModels } = together(sessions)
  const count = `${plural(sessions.length, 'session')}, ${plural(threads.length, 'thread')}`
  await context.line(`${count}, ${formatSpent({ costUsd, unpricedModels })}`)
  if (unpricedModels.length > 0) await context.line(`+? no price was known for ${unpricedModels.map(plain).join(', ')}`)
}

const COUNTS = [
  { title: 'turns', align: 'right' },
  { title: 'tools', align: 'right' },
  { title: 'cost', align: 'right' },
] as const

const TIMES = [{ title: 'first' }, { title: 'last' }] as const

const THREAD_COLUMNS = [
  { title: 'thread' },
  { title: 'sessions', align: 'right' },
  { title: 'unfinished', align: 'right' },
  ...COUNTS,
  ...TIMES,
] as const

const SESSION_COLUMNS = [
  { title: 'session' },
  { title: 'thread' },
  { title: 'project' },
  { title: 'role' },
  { title: 'status' },
  ...COUNTS,
  ...TIMES,
] as const

function threadCells(thread: ListedThread) {
  return [thread.threadId, thread.sessions, thread.unfinished, ...countCells(thread)]
}

function sessionCells({ colors }: CliContext, session: ListedSession) {
  const { sessionId, threadId, projectId, role, status } = session
  return [sessionId, threadId ?? '-', projectId ?? '-', role, paintStatus(colors, status), ...countCells(session)]
}

function countCells(listed: ListedThread | ListedSession) {
  const { turns, tools, firstAt, lastAt } = listed
  return [turns, tools, formatSpent(listed), formatInstant(firstAt), formatInstant(lastAt)]
}
