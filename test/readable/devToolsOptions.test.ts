import { configureStore } from '@reduxjs/toolkit'
import { describe, expect, it } from 'vitest'
import { devToolsOptions, InvalidArgumentError, readableState, replay } from '../../src/index.js'
import { tellStory } from '../cli/story.js'

const STATE = replay(await tellStory())
const FACT = { type: 'breakers/reset', payload: { name: 'api' }, meta: { seq: 1, at: 0, stream: '@runtime', v: 1 } }

describe('options for Redux DevTools', () => {
  it('make the state and the facts of a runtime readable [VIEW-7]', () => {
    const { name, stateSanitizer, actionSanitizer } = devToolsOptions()
    expect(name).toBe('redux-agent-runtime')
    expect(stateSanitizer(STATE)).toBe(readableState(STATE))
    expect(actionSanitizer(FACT).type).toBe('breakers/reset · api')
  })

  it('change only the part of a host state that is the module [VIEW-7]', () => {
    const { stateSanitizer, actionSanitizer } = devToolsOptions({ name: 'Drafts', reducerPath: 'agents' })
    const host = { drafts: { open: ['a'] }, agents: STATE }
    const shown = stateSanitizer(host)
    expect(shown.agents).toBe(readableState(STATE))
    expect(shown.drafts).toBe(host.drafts)
    expect(host.agents).toBe(STATE)
    expect(actionSanitizer({ ...FACT, type: 'agents/breakers/reset' }).type).toBe('agents/breakers/reset · api')
    expect(actionSanitizer(FACT)).toBe(FACT)
  })

  it('know several modules, and those that are not there yet [VIEW-7]', () => {
    const { stateSanitizer } = devToolsOptions({ reducerPaths: ['writers', 'editors'] })
    expect(stateSanitizer({ writers: STATE })).toEqual({ writers: readableState(STATE) })
  })

  it.each([
    [undefined],
    [null],
    ['text'],
    [{ seq: 1 }],
    [{ sessions: { 'session-1': {} }, seq: 1, orchestrators: {} }],
  ])('leave what is no state of a runtime as it is: %j [VIEW-7]', (state) => {
    expect(devToolsOptions().stateSanitizer(state)).toBe(state)
    expect(devToolsOptions({ reducerPath: 'agents' }).stateSanitizer({ agents: state })).toEqual({ agents: state })
  })

  it('are taken by configureStore as they are [VIEW-7]', () => {
    const store = configureStore({ reducer: () => STATE, devTools: devToolsOptions() })
    expect(store.getState()).toBe(STATE)
  })

  it.each([
    [{ name: ' ' }, /name/],
    [{ reducerPath: '' }, /reducerPath/],
    [{ reducerPaths: ['agents', ' '] }, /reducerPaths/],
    [{ reducerPath: 'agents', reducerPaths: ['agents'] }, /reducerPaths/],
    [{ reducerPaths: 'agents' as unknown as string[] }, /reducerPaths/],
  ])('refuse %j [VIEW-8]', (options, message) => {
    expect(() => devToolsOptions(options)).toThrow(InvalidArgumentError)
    expect(() => devToolsOptions(options)).toThrow(message)
  })
})
