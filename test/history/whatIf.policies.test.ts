import { describe, expect, it } from 'vitest'
import type { PolicyRule } from '../../src/index.js'
import { whatIf } from '../../src/history/whatIf.js'
import { only, record, seqs, turns } from './whatIfSupport.js'

const notify = [{ action: 'notify' }] as const
const rule = (name: string, condition: PolicyRule['condition']): PolicyRule => ({
  name,
  condition,
  actions: [...notify],
})

describe('policies and gates', () => {
  it('tells which rules would have fired, and which not [WHATIF-10]', async () => {
    const log = await record(
      async (session) => {
        await turns(1)(session)
        session.evaluatePolicy({ phaseCompleted: true })
      },
      { policy: [rule('dear', { type: 'costExceeded', budgetUsd: 0.03 }), rule('done', { type: 'phaseCompleted' })] },
    )
    const [seq] = seqs(log, 'policies/evaluated')
    const cheap = only(log, { pricing: { 'your-model': { inputPerMillion: 1, outputPerMillion: 1 } } })
    expect(cheap.policies).toEqual([{ seq, gained: [], lost: ['dear'] }])
    const other = only(log, {
      policy: [rule('early', { type: 'gateBelow', threshold: 1 }), rule('done', { type: 'phaseCompleted' })],
    })
    expect(other.policies).toEqual([{ seq, gained: ['early'], lost: ['dear'] }])
    expect(other.totals.policies).toEqual([
      { rule: 'dear', gained: 0, lost: 1 },
      { rule: 'early', gained: 1, lost: 0 },
    ])
  })

  it('leaves a cost as it is that the caller told [WHATIF-10]', async () => {
    const log = await record(
      async (session) => {
        await turns(1)(session)
        session.evaluatePolicy({ totalCostUsd: 7 })
      },
      { policy: [rule('dear', { type: 'costExceeded', budgetUsd: 1 })] },
    )
    expect(only(log, { pricing: { 'your-model': { inputPerMillion: 0, outputPerMillion: 0 } } }).policies).toEqual([])
  })

  it('tells which gates would have failed, and what follows for policies [WHATIF-11]', async () => {
    const log = await record(
      async (session) => {
        session.evaluateGate('standard')
        session.evaluateGate('strict')
        session.evaluatePolicy()
      },
      { qualityGate: 'standard', policy: [rule('go', { type: 'gatePassed' })] },
    )
    const [first, second] = seqs(log, 'gates/evaluated')
    const { gates, policies, totals } = only(log, { qualityGate: 'release' })
    const failed = {
      required: { recorded: 'standard', changed: 'release' },
      satisfied: { recorded: true, changed: false },
    }
    expect(gates).toEqual([
      { seq: first, observed: 'standard', ...failed },
      { seq: second, observed: 'strict', ...failed },
    ])
    expect(policies).toMatchObject([{ lost: ['go'] }])
    expect(totals.gates).toEqual({ failed: 2, passed: 0 })
    expect(only(log, { qualityGate: 'minimal' }).gates).toEqual([])
  })

  it('does not ask functions, and says which [WHATIF-12]', async () => {
    const custom = rule('asks', { type: 'not', condition: { type: 'custom', name: 'tired' } })
    const log = await record(async (session) => session.evaluatePolicy(), {
      policy: [custom],
      conditions: { tired: () => false },
      guardrails: [{ name: 'poison', stages: ['pre'], appliesTo: ['tool'], check: () => ({ allowed: true }) }],
    })
    const { sessions, notEvaluated } = whatIf(log.facts(), { budgetUsd: 1 })
    expect(notEvaluated).toEqual({ conditions: ['tired'], guardrails: ['poison'] })
    expect(sessions).toEqual([])
    expect(only(log, { policy: [] }).policies).toMatchObject([{ gained: [], lost: ['asks'] }])
    const asked = { policy: [rule('asks', { type: 'custom', name: 'awake' })] }
    expect(whatIf(log.facts(), asked)).toMatchObject({ sessions: [], notEvaluated: { conditions: ['awake'] } })
  })
})
