import { createMemoryLog, openAgentRuntime, type Fact } from '../../src/index.js'
import { createManualClock } from '../../src/testing/index.js'

/**
 * A writer whose results are recorded, with something secret wherever one can say anything. It hands off to an editor, and two more
 * sessions end with words of their own.
 *
 * @param voice - What is said. Default: `SECRET`.
 */
export async function tellRecordedStory(voice = 'SECRET'): Promise<readonly Fact[]> {
  const clock = createManualClock(Date.UTC(2026, 0, 5, 9))
  const runtime = await openAgentRuntime({
    ...{ log: createMemoryLog(), clock, seed: 7, record: { results: 'json' } },
    onWarning: () => undefined,
  })
  const writer = runtime.orchestrator({ role: 'writer', phase: 'draft' })
  const editor = runtime.orchestrator({ role: 'editor', phase: 'review' })
  const handoff = await writer.session(
    async (session) => {
      await session.runTurn(() => `${voice} RESULT`, { input: `${voice} INPUT` })
      await session.runTurn(() => Promise.reject(new RangeError(`${voice} MESSAGE`))).catch(() => undefined)
      await session.step('look up', () => `${voice} STEP`)
      const answer = session.pauseForInput(`${voice} QUESTION`)
      await clock.advance(1)
      runtime.provideInput(session.id, `${voice} ANSWER`)
      await answer
      const sent = session.runTool('mail', ({ args }) => args, {
        args: { to: `${voice} ARGUMENT` },
        requireApproval: { preview: () => `${voice} PREVIEW` },
      })
      await clock.advance(1)
      const [request] = session.pendingRequests
      if (request?.kind !== 'approval') throw new Error('the tool waits for no approval')
      const edit = { decision: 'edited', args: { to: `${voice} EDIT` }, reason: `${voice} APPROVAL` } as const
      runtime.resolveApproval(session.id, { ...edit, requestId: request.requestId, fingerprint: request.fingerprint })
      await sent
      return session.handoffTo('editor', { reason: `${voice} REASON`, context: { draft: `${voice} CONTEXT` } })
    },
    { threadId: 'essay' },
  )
  await editor.session(
    async (session) => {
      await session.complete(`${voice} DETAIL`)
      return `${voice} RETURNED`
    },
    { threadId: 'essay', handoff },
  )
  await editor.session((session) => session.fail(`${voice} FAILURE`), { threadId: 'failed' })
  const cancelled = await editor.open()
  await cancelled.cancel(`${voice} CANCELLATION`)
  return runtime.log.facts()
}
