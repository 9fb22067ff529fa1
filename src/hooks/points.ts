import * as v from 'valibot'
import type { HookPoint } from '../../sagas/hooks.js'
import { oneOf } from '../config/schema.js'

export const HOOK_POINTS = [
  'beforeModel',
  'afterModel',
  'beforeTool',
  'afterTool',
  'beforeHandoff',
] as const satisfies readonly HookPoint[]

/** None would make a hook that is listed and never runs. */
export const hookPoints = v.pipe(
  v.array(oneOf(HOOK_POINTS), 'a list of hook points'),
  v.minLength(1, 'a list of at least one hook point'),
)
