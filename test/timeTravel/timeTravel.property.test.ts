import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { replay } from '../../src/index.js'
import { settle } from '../../src/testing/index.js'
import { createDevTools } from '../support/devTools.js'
import { createTestRuntime, DRAFT } from '../support/runtime.js'

const step = fc.oneof(
  fc.record({ do: fc.constant('work' as const) }),
  fc.record({ do: fc.constant('jump' as const), to: fc.nat(50) }),
  fc.record({ do: fc.constant('skip' as const), to: fc.nat(50) }),
  fc.record({ do: fc.constantFrom('lock', 'pause'), to: fc.nat(1) }),
  fc.record({ do: fc.constantFrom('last', 'reset', 'import', 'live', 'commit', 'rollback', 'sweep') }),
)

describe('a runtime whose user plays with DevTools', () => {
  it('keeps the state of its log, makes each call once, and shows that state when it goes live [TT-4]', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const devTools = createDevTools()
        const { orchestrator, runtime } = createTestRuntime({}, { enhancers: [devTools.enhancer] })
        const exported = devTools.exportHistory()
        const working: Promise<unknown>[] = []
        let calls = 0
        const work = () =>
          orchestrator.session(async (session) => {
            await session.runTurn(() => (calls += 1), DRAFT)
            await session.runTool('find', async () => settle())
            await session.runTurn(() => (calls += 1), DRAFT)
          })
        for (const { do: what, ...where } of steps) {
          const to = 'to' in where ? where.to : 0
          if (what === 'work') working.push(work())
          if (what === 'jump') devTools.jumpToNumber(to)
          if (what === 'skip') devTools.toggleNumber(to)
          if (what === 'lock') devTools.lockChanges(to === 1)
          if (what === 'pause') devTools.pauseRecording(to === 1)
          if (what === 'commit') devTools.commit()
          if (what === 'rollback') devTools.rollback()
          if (what === 'sweep') devTools.sweep()
          if (what === 'last') devTools.jumpToLast()
          if (what === 'reset') devTools.reset()
          if (what === 'import') devTools.importHistory(exported)
          if (what === 'live') runtime.goLive()
          await settle()
        }
        devTools.lockChanges(false)
        devTools.pauseRecording(false)
        devTools.takeAllIn()
        devTools.jumpToLast()
        runtime.goLive()
        await Promise.all(working)
        expect(calls).toBe(2 * working.length)
        expect(runtime.isLive()).toBe(true)
        expect(runtime.getState()).toEqual(replay(runtime.log.facts()))
      }),
      { numRuns: 60 },
    )
  })
})
