import { expect, Snapshots } from 'vitest'
import { actionLog, isActionLog, type ActionLog, type ActionSource } from '../testing/actionLog/actionLog.js'
import { matchActionLog, type ExpectedActions } from '../testing/actionLog/matchActionLog.js'
import { actionLogSerializer } from '../testing/actionLog/transcript.js'

/*
 * A setup file of vitest: `setupFiles: ['redux-agent-runtime/vitest']`.
 */

declare module 'vitest' {
  // Declarations of one interface must have the same parameters.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any, @typescript-eslint/no-unused-vars
  interface Matchers<T = any> {
    /**
     * Whether the sessions of a runtime, or of an action log, did exactly this. Without anything that is expected: whether its
     * transcript is that of the snapshot.
     *
     * @example
     * expect(runtime).toMatchActionLog(['sessions/opened', 'turns/started', 'turns/completed', 'sessions/completed'])
     * @example
     * expect(runtime).toMatchActionLog({
     *   writer: ['sessions/opened', { type: 'turns/refused', payload: { reason: 'budget_exceeded' } }],
     * })
     */
    toMatchActionLog(expected?: ExpectedActions): void
  }
}

expect.extend({
  toMatchActionLog(received: ActionLog | ActionSource, expected?: ExpectedActions) {
    if (expected !== undefined) return matchActionLog(received, expected)
    return Snapshots.toMatchSnapshot.call(this, isActionLog(received) ? received : actionLog(received))
  },
})

expect.addSnapshotSerializer(actionLogSerializer)
