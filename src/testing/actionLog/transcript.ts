import { formatMs } from '../../transcript/words.js'
import { actionLog, isActionLog, type ActionLog, type ActionSource, type LoggedAction } from './actionLog.js'

/**
 * An action log as people read it: a paragraph for each session, a line for each thing that happened.
 *
 * @example
 * writer in user-42:essay
 *   opened: writer/draft, thread user-42:essay
 *   turn-1 started on test-model
 *   turn-1 completed, 420 in, 64 out, $0.01
 *   completed
 */
export function transcript(source: ActionLog | ActionSource): string {
  const { sessions, runtime } = isActionLog(source) ? source : actionLog(source)
  const paragraphs = sessions.map(({ name, status, actions }) => {
    const end = ENDS[status]
    return [name, ...actions.flatMap(linesOf), ...(end === undefined ? [] : [`  ${end}`])]
  })
  if (runtime.length > 0) paragraphs.unshift(['runtime', ...runtime.flatMap(linesOf)])
  return paragraphs.map((lines) => lines.join('\n')).join('\n\n')
}

/** Of sessions that have not ended: of the others, their last line says how they did. */
const ENDS: Readonly<Partial<Record<ActionLog['sessions'][number]['status'], string>>> = {
  idle: '... has not begun',
  initializing: '... begins',
  running: '... goes on',
  waiting_for_input: '... waits for a person',
}

function linesOf({ text, atMs, said = [] }: LoggedAction): readonly string[] {
  const time = atMs === undefined ? '' : `${`+${formatMs(atMs)}`.padStart(8)}  `
  return [`  ${time}${text}`, ...said.map((line) => `  ${' '.repeat(time.length)}  ${line}`)]
}

/** Prints action logs as transcripts in the snapshots of vitest and jest: `expect.addSnapshotSerializer(actionLogSerializer)`. */
export const actionLogSerializer = {
  test: (value: unknown): boolean => isActionLog(value),
  serialize: (value: unknown): string => transcript(value as ActionLog),
}
