import { factVersions } from '../../slices/factVersions.js'
import { isPlainObject } from '../../slices/rules/json.js'
import { nameOf } from './names.js'

/**
 * The action under a name that says what it is about: `turns/completed · session-3 turn-2 · 1,240 tokens`. In a host's store the
 * prefix of the module stays: `agents/turns/completed · …`. Actions that are no recorded facts are returned as they are.
 */
export function readableAction<Action extends { readonly type: unknown }>(action: Action): Action {
  const { type, payload, meta } = action as {
    readonly type: unknown
    readonly payload?: unknown
    readonly meta?: unknown
  }
  if (typeof type !== 'string' || !isPlainObject(payload) || !isPlainObject(meta)) return action
  const bare = bareType(type)
  if (bare === null || typeof meta['seq'] !== 'number') return action
  const name = tryName(bare, payload)
  const origin = typeof meta['origin'] === 'number' ? `copy of ${meta['origin']}` : ''
  const told = [type, name, origin].filter((part) => part !== '')
  return told.length === 1 ? action : { ...action, type: told.join(' · ') }
}

/** Without the prefix that it has in a host's store. `null`: no fact has this type. */
function bareType(type: string): string | null {
  const bare = type.split('/').slice(-2).join('/')
  return factVersions.has(bare) ? bare : null
}

/** What was imported into a panel may only look like a fact. */
function tryName(type: string, payload: object): string {
  try {
    return nameOf(type, payload)
  } catch {
    return ''
  }
}
