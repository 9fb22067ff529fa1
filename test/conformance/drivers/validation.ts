import {
  createAgentRuntime,
  createConversationMemory,
  createRingBufferSink,
  createTokenBucket,
  parseGovernanceLimits,
  parseUsage,
  parseUsageLimits,
  type AgentRuntime,
} from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual, Pending } from '../suite.js'
import { numberOf } from './formatCost.js'
import { limitsOf } from './usageLimits.js'

interface Input {
  readonly target: string
  readonly field: string
  readonly value: unknown
}

type Build = (field: string, value: never, runtime: AgentRuntime) => unknown

export async function validation({ target, field, value }: Input, expected: { readonly ok: boolean }) {
  const build = TARGETS[target]
  if (!build) throw new Pending(target)
  const given: unknown = numberOf(value)
  // A role is the key of its configuration: what is not a string cannot be written.
  if (target === 'rolePermissionConfig' && field === 'role' && typeof given !== 'string') return
  const { error } = await attempt(() => build(field, given as never, createAgentRuntime()))
  expectEqual(expected.ok ? undefined : 'validation', error, `${target}.${field}`)
}

const TARGETS: Readonly<Record<string, Build>> = {
  orchestrator: (field, value, runtime) => runtime.orchestrator({ role: 'r', phase: 'p', [field]: value }),
  usageSnapshot: (field, value) => parseUsage({ [field]: value }),
  modelPricing: (field, value, runtime) =>
    runtime.registerPricing('m', { inputPerMillion: 1, outputPerMillion: 1, [field]: value }),
  rolePermissionConfig: (field, value, runtime) => {
    const name = field === 'role' ? value : 'r'
    const config = field === 'role' ? {} : { [field]: value }
    const roles = { [name as string]: { mode: 'read_only' as const, ...config } }
    return runtime.orchestrator({ role: 'r', phase: 'p', permissions: { roles } })
  },
  ringBufferEventSink: (_field, value) => createRingBufferSink({ capacity: value }),
  memoryMessage: (field, value) => createConversationMemory().add({ role: 'user', content: '', [field]: value }),
  policyContext: async (field, value, runtime) => {
    const policy = [{ name: 'n', condition: { type: 'phaseCompleted' }, actions: [{ action: 'notify' }] }] as const
    const session = await runtime.orchestrator({ role: 'r', phase: 'p', policy }).open()
    return session.evaluatePolicy({ [field]: value })
  },
  // A handoff has the project of the orchestrator that issues it.
  handoff: async (field, value, runtime) => {
    const project = field === 'projectId' ? { projectId: value } : {}
    const session = await runtime.orchestrator({ role: 'r', phase: 'p', ...project }).open()
    const { targetRole, ...options } = { targetRole: 'editor', reason: 'why', context: {}, [field]: value }
    return session.handoffTo(targetRole, { reason: options.reason, context: options.context })
  },
  circuitBreaker: (field, value, runtime) => {
    const [name, given] = field === 'recoveryTimeoutSeconds' ? ['recoveryTimeoutMs', value * 1_000] : [field, value]
    return runtime.configureBreaker({ name: 'b', [name]: given })
  },
  usageLimits: (field, value) => parseUsageLimits(limitsOf({ [field]: value })),
  governanceLimit: (field, value) => parseGovernanceLimits([{ limit: 'max_iterations', value: 1, [field]: value }]),
  tokenBucket: (field, value) => createTokenBucket({ name: 'b', capacity: 1, refillPerSecond: 1, [field]: value }),
}
