import type { Action } from '@reduxjs/toolkit'
import * as v from 'valibot'
import { functionOf, nonBlank, parse, strictOptions } from '../config/schema.js'
import { devToolsOptions } from '../readable/devToolsOptions.js'
import { DEFAULT_HOST, DEFAULT_PORT } from './address.js'
import type { Sanitizers } from './report.js'

export interface ConnectDevToolsOptions {
  /** Where `redux-agent-runtime devtools` listens. Default `'127.0.0.1'`. */
  readonly host?: string | undefined
  /** Default 8790. */
  readonly port?: number | undefined
  /** What the program is called in the page. Default: its file, and the id of its process. */
  readonly name?: string | undefined
  /** So many actions are kept and can be travelled to, from 2. Default 100. */
  readonly maxAge?: number | undefined
  /** What the page shows of a state: something that JSON can hold. Default: that of `devToolsOptions()`. */
  readonly stateSanitizer?: ((state: never, index: number) => unknown) | undefined
  /** What the page shows of an action. Default: that of `devToolsOptions()`. */
  readonly actionSanitizer?: ((action: never, id: number) => unknown) | undefined
  /**
   * What the page does with an action that somebody writes there: `store.dispatch` of a host's store. Default: it offers no such thing.
   */
  readonly dispatch?: ((action: Action) => void) | undefined
}

/** The options, checked and whole. */
export interface DevToolsSettings extends Sanitizers {
  readonly host: string
  readonly port: number
  readonly name: string
  readonly maxAge: number
  readonly dispatch: ((action: Action) => void) | undefined
}

const portWords = 'an integer from 1 to 65535'
const ageWords = 'an integer from 2'

const schema = strictOptions({
  host: v.optional(nonBlank, DEFAULT_HOST),
  port: v.optional(
    v.pipe(v.number(portWords), v.safeInteger(portWords), v.minValue(1, portWords), v.maxValue(65_535, portWords)),
    DEFAULT_PORT,
  ),
  name: v.optional(nonBlank),
  maxAge: v.optional(v.pipe(v.number(ageWords), v.safeInteger(ageWords), v.minValue(2, ageWords)), 100),
  stateSanitizer: v.optional(functionOf<Sanitizers['stateSanitizer']>('a function of a state')),
  actionSanitizer: v.optional(functionOf<Sanitizers['actionSanitizer']>('a function of an action')),
  dispatch: v.optional(functionOf<(action: Action) => void>('a function that dispatches an action')),
})

/** @throws {InvalidArgumentError} An option does not fit. */
export function settingsOf(options: ConnectDevToolsOptions, defaultName: string): DevToolsSettings {
  const { name = defaultName, stateSanitizer, actionSanitizer, dispatch, ...rest } = parse(schema, options)
  const readable = devToolsOptions()
  return {
    ...rest,
    name,
    dispatch,
    stateSanitizer: stateSanitizer ?? readable.stateSanitizer,
    actionSanitizer: actionSanitizer ?? readable.actionSanitizer,
  }
}
