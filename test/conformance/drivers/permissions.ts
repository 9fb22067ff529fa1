import { createAgentRuntime, type PermissionMode, type PermissionsInput } from '../../../src/index.js'
import { attempt } from '../errors.js'
import { expectEqual } from '../suite.js'

/** As the vectors write a policy. */
export interface ReferencePermissions {
  readonly roleConfigs: Readonly<
    Record<string, { role: string; mode: string; allowedTools?: string[] | null; deniedTools?: string[] }>
  >
  readonly toolRequirements: Readonly<Record<string, string>>
  readonly defaultAllowUnknownRoles?: boolean
}

interface Input {
  readonly policy: ReferencePermissions
  readonly checks: readonly { readonly role: string; readonly tool: string }[]
}

interface Expected {
  readonly error?: string
  readonly results?: readonly { readonly reason?: string; readonly error?: string }[]
}

export async function permissions({ policy, checks }: Input, expected: Expected) {
  const runtime = createAgentRuntime()
  const built = await attempt(() => permissionsOf(policy))
  if (expected.error !== undefined || built.value === undefined) {
    expectEqual(expected.error, built.error, 'error')
    return
  }
  for (const [index, { role, tool }] of checks.entries()) {
    const { value, error } = await attempt(async () => {
      const orchestrator = runtime.orchestrator({ role, phase: 'p', permissions: built.value })
      const session = await orchestrator.open()
      return session.authorize(tool)
    })
    const result = expected.results?.[index]
    const notApplicable = value?.allowed ? undefined : 'N/A'
    const actual = value && {
      allowed: value.allowed,
      reason: value.reason,
      activeMode: value.activeMode ?? notApplicable,
      requiredMode: value.requiredMode ?? notApplicable,
    }
    expectEqual(result, error === undefined ? actual : { error }, `results[${index}]`)
  }
}

/** The key of a role's configuration is its role. */
export function permissionsOf(policy: ReferencePermissions): PermissionsInput {
  const roles = Object.values(policy.roleConfigs).map(({ role, mode, ...tools }) => {
    return [role, { mode: modeOf(mode), ...tools }] as const
  })
  const tools = Object.entries(policy.toolRequirements).map(([tool, mode]) => [tool, modeOf(mode)] as const)
  return {
    roles: Object.fromEntries(roles),
    tools: Object.fromEntries(tools),
    unknownRoles: policy.defaultAllowUnknownRoles === false ? 'deny' : 'allow',
  }
}

function modeOf(mode: string): PermissionMode {
  return mode.toLowerCase() as PermissionMode
}
