import { describe, expect, it } from 'vitest'
import {
  canTransition,
  idleLifecycle,
  isTerminal,
  LIFECYCLE_STATUSES,
  transition,
  type LifecycleStatus,
} from '../../src/index.js'
import { createTestRuntime } from '../support/runtime.js'

describe('a lifecycle', () => {
  it('goes from status to status by these steps only [LIFE-1]', () => {
    const next = LIFECYCLE_STATUSES.map((from) => LIFECYCLE_STATUSES.filter((to) => canTransition(from, to)).join(' '))
    expect(next).toEqual([
      'initializing failed cancelled',
      'waiting_for_input running failed cancelled',
      'running failed cancelled',
      'waiting_for_input completed failed cancelled',
      '',
      '',
      '',
    ])
    expect(LIFECYCLE_STATUSES.filter(isTerminal)).toEqual(['completed', 'failed', 'cancelled'])
  })

  it('refuses any other step, to where it is included [LIFE-2]', () => {
    for (const from of LIFECYCLE_STATUSES) {
      for (const to of LIFECYCLE_STATUSES.filter((status) => !canTransition(from, status))) {
        const step = () => transition({ ...idleLifecycle, status: from }, to)
        expect(step).toThrow(expect.objectContaining({ code: 'invalid_transition', from, to }))
      }
    }
    expect(() => transition(idleLifecycle, 'done' as LifecycleStatus)).toThrow(
      expect.objectContaining({ code: 'invalid_argument', value: 'done' }),
    )
  })

  it('counts its steps, and keeps why it failed [LIFE-3]', () => {
    const running = transition(transition(idleLifecycle, 'initializing', 'by hand'), 'running')
    expect(running).toEqual({ status: 'running', seq: 2, detail: null, lastError: null })
    expect(transition(running, 'failed', 'boom')).toMatchObject({ seq: 3, detail: 'boom', lastError: 'boom' })
    expect(transition(running, 'failed', '')).toMatchObject({ detail: '', lastError: null })
    expect(transition(running, 'cancelled', 'boom').lastError).toBeNull()
  })
})

describe('the lifecycle of a session', () => {
  it('keeps its latest sixteen steps [LIFE-4]', async () => {
    const { orchestrator, runtime, clock } = createTestRuntime()
    const session = await orchestrator.open()
    for (let question = 0; question < 9; question += 1) {
      const answer = session.pauseForInput('ready?')
      await clock.advance(1)
      session.provideInput(true)
      await answer
    }
    const { seq, recent } = runtime.select.session(session.id)!.lifecycle
    expect([seq, recent.length]).toEqual([20, 16])
    expect(recent[0]).toEqual({ seq: 5, status: 'waiting_for_input', detail: 'ready?', at: 1_001 })
    expect(recent.at(-1)).toEqual({ seq: 20, status: 'running', detail: 'input received', at: 1_009 })
  })
})
