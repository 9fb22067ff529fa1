import { describe, expect, it } from 'vitest'
import { facts, type AgentSession } from '../../src/index.js'
import { startProcess } from './processes.js'

const pass = (session: AgentSession) => session.handoffTo('reviewer', { reason: 'written', context: { pages: 3 } })

describe('a handoff', () => {
  it('is issued once, also when its answer was lost with the end of the log [DUR-3]', async () => {
    const first = await startProcess()
    const handoff = await first.orchestrator.session(pass, { threadId: 'essay' })
    const seq = first.runtime.log.facts().find(facts.handoffIssued.match)?.meta.seq
    const second = await first.crash({ until: seq! })
    expect(await second.orchestrator.session(pass, { threadId: 'essay' })).toEqual(handoff)
    expect(second.runtime.log.facts().filter(facts.handoffIssued.match)).toHaveLength(1)
    const reviewer = second.runtime.orchestrator({ role: 'reviewer', phase: 'review' })
    const picked = reviewer.session((session) => session.handoff?.context, { threadId: 'essay', handoff })
    expect(await picked).toEqual({ pages: 3 })
  })
})
