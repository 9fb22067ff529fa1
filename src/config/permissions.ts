import * as v from 'valibot'
import { PERMISSION_MODES, type PermissionsInput } from '../../slices/rules/permissions.js'
import { nonBlank, oneOf, strictOptions } from './schema.js'

const mode = oneOf(PERMISSION_MODES)
const toolNames = v.array(nonBlank, 'a list of tool names')

const role = strictOptions(
  { mode, allowedTools: v.nullish(toolNames), deniedTools: v.optional(toolNames) },
  'an object with a mode',
)

export const permissionsSchema: v.GenericSchema<unknown, PermissionsInput> = strictOptions(
  {
    roles: v.record(nonBlank, role, 'an object of roles'),
    tools: v.optional(v.record(nonBlank, mode, 'an object of tools')),
    unknownRoles: v.optional(oneOf(['allow', 'deny'])),
    unlistedTools: v.optional(mode),
  },
  'an object with roles',
)
