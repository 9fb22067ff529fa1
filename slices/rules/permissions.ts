import { own } from './own.js'

/** What a role may do, weakest first. */
export const PERMISSION_MODES = ['read_only', 'workspace_write', 'full_access'] as const

export type PermissionMode = (typeof PERMISSION_MODES)[number]

export interface RolePermissions {
  readonly mode: PermissionMode
  /** When given, only these tools. An empty list allows none. */
  readonly allowedTools?: readonly string[] | null | undefined
  /** Never these tools, whatever else allows them. */
  readonly deniedTools?: readonly string[] | undefined
}

/** Who may call what. Role names are case-sensitive, tool names are not; both are trimmed. */
export interface PermissionsInput {
  readonly roles: Readonly<Record<string, RolePermissions>>
  /** The mode each tool needs. */
  readonly tools?: Readonly<Record<string, PermissionMode>> | undefined
  /** What happens to a role that is not listed. Default `'deny'`. */
  readonly unknownRoles?: 'allow' | 'deny' | undefined
  /** The mode a tool needs that is not listed. Default `'read_only'`. */
  readonly unlistedTools?: PermissionMode | undefined
}

/** Permissions as they are kept: every default filled in, every tool name in lower case. */
export interface PermissionPolicy {
  readonly roles: Readonly<Record<string, RolePermissions>>
  readonly tools: Readonly<Record<string, PermissionMode>>
  readonly unknownRoles: 'allow' | 'deny'
  readonly unlistedTools: PermissionMode
}

export interface Authorization {
  readonly allowed: boolean
  /** Why it was denied, or allowed without looking. */
  readonly reason: string | null
  readonly activeMode: PermissionMode | null
  readonly requiredMode: PermissionMode | null
}

/** Decides whether `role` may call `tool`: denied tools first, then the mode, then the allowed tools. */
export function authorize(policy: PermissionPolicy | null, role: string, tool: string): Authorization {
  if (policy === null) return allow('no permissions configured')
  const roleName = role.trim()
  const toolName = tool.trim()
  const permissions = own(policy.roles, roleName)
  if (!permissions) {
    return policy.unknownRoles === 'allow'
      ? allow('no config for role, default allow')
      : deny('no config for role, default deny')
  }
  const { mode, allowedTools, deniedTools } = permissions
  const key = toolKey(tool)
  if (deniedTools?.includes(key)) {
    return deny(`tool '${toolName}' is explicitly denied for role '${roleName}'`, mode)
  }
  const required = own(policy.tools, key) ?? policy.unlistedTools
  if (PERMISSION_MODES.indexOf(mode) < PERMISSION_MODES.indexOf(required)) {
    return deny(`role '${roleName}' has ${mode} but tool requires ${required}`, mode, required)
  }
  if (allowedTools && !allowedTools.includes(key)) {
    return deny(`tool '${toolName}' not in allowed list for role '${roleName}'`, mode, required)
  }
  return { allowed: true, reason: null, activeMode: mode, requiredMode: required }
}

export function normalizePermissions(input: PermissionsInput): PermissionPolicy {
  const { roles, tools = {}, unknownRoles = 'deny', unlistedTools = 'read_only' } = input
  return {
    roles: mapEntries(roles, (role) => role.trim(), normalizeRole),
    tools: mapEntries(tools, toolKey, (mode) => mode),
    unknownRoles,
    unlistedTools,
  }
}

function normalizeRole({ mode, allowedTools, deniedTools }: RolePermissions): RolePermissions {
  return {
    mode,
    ...(allowedTools && { allowedTools: allowedTools.map(toolKey) }),
    ...(deniedTools && { deniedTools: deniedTools.map(toolKey) }),
  }
}

function mapEntries<A, B>(record: Readonly<Record<string, A>>, key: (name: string) => string, value: (item: A) => B) {
  return Object.fromEntries(Object.entries(record).map(([name, item]) => [key(name), value(item)] as const))
}

function toolKey(tool: string): string {
  return tool.trim().toLowerCase()
}

function allow(reason: string): Authorization {
  return { allowed: true, reason, activeMode: null, requiredMode: null }
}

function deny(
  reason: string,
  activeMode: PermissionMode | null = null,
  requiredMode: PermissionMode | null = null,
): Authorization {
  return { allowed: false, reason, activeMode, requiredMode }
}
