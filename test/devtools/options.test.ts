import { describe, expect, it } from 'vitest'
import { connectDevTools, type ConnectDevToolsOptions } from '../../src/devtools/index.js'
import { settingsOf } from '../../src/devtools/options.js'

describe('the options of connectDevTools', () => {
  it.each([
    [{ host: ' ' }, 'host must be a non-blank string, got " "'],
    [{ port: 0 }, 'port must be an integer from 1 to 65535, got 0'],
    [{ port: 65_536 }, 'port must be an integer from 1 to 65535, got 65536'],
    [{ port: '8790' }, 'port must be an integer from 1 to 65535, got "8790"'],
    [{ name: '' }, 'name must be a non-blank string, got ""'],
    [{ maxAge: 1 }, 'maxAge must be an integer from 2, got 1'],
    [{ maxAge: 2.5 }, 'maxAge must be an integer from 2, got 2.5'],
    [{ stateSanitizer: 'x' }, 'stateSanitizer must be a function of a state, got "x"'],
    [{ actionSanitizer: 1 }, 'actionSanitizer must be a function of an action, got 1'],
    [{ dispatch: {} }, 'dispatch must be a function that dispatches an action, got an object'],
    [
      { prot: 1 },
      'prot is not a known option, known are host, port, name, maxAge, stateSanitizer, actionSanitizer, dispatch',
    ],
  ])('refuse %j [DEVN-1]', (options, message) => {
    expect(() => connectDevTools(options as ConnectDevToolsOptions)).toThrow(message)
    expect(() => connectDevTools(options as ConnectDevToolsOptions)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })

  it('have defaults: this machine, the port of the command, a hundred actions, readable states [DEVN-1, DEVN-6]', () => {
    const settings = settingsOf({}, 'agent.js 42')
    expect(settings).toMatchObject({ host: '127.0.0.1', port: 8790, name: 'agent.js 42', maxAge: 100 })
    const fact = { type: 'breakers/reset', payload: { name: 'api' }, meta: { seq: 1, at: 0, stream: '@runtime', v: 1 } }
    expect(settings.actionSanitizer(fact, 1)).toMatchObject({ type: 'breakers/reset · api' })
  })
})
