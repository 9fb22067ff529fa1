/** Things that a program may throw, and that throw themselves when somebody looks at them. */
export const hostileErrors: readonly (readonly [string, unknown])[] = [
  ['an error whose getters throw', withThrowingGetters(new Error('x'))],
  ['an object whose getters throw', withThrowingGetters({})],
  ['an object without a prototype', Object.create(null)],
  ['a proxy that refuses everything', refusingProxy({})],
  ['a proxy of an error that refuses everything', refusingProxy(new Error('x'))],
  ['a revoked proxy', revokedProxy({})],
  ['a revoked proxy of an array', revokedProxy([])],
  ['a revoked proxy of a function', revokedProxy(() => undefined)],
  ['an error with hostile parts', Object.assign(new Error('x'), hostileParts())],
  ['an error whose name and class are no text', Object.assign(new Error('x'), { name: 5, constructor: { name: {} } })],
  ['an error that makes a new cause each time', endlessCauses()],
  ['a chain of 100,000 causes', longChain(100_000)],
  ['a function whose name cannot be shown', Object.defineProperty(() => 0, 'name', { value: Symbol('x') })],
]

function withThrowingGetters<T extends object>(target: T): T {
  for (const field of ['name', 'code', 'message', 'cause', 'errors', 'status', 'response', 'type', 'constructor']) {
    Object.defineProperty(target, field, { get: explode })
  }
  return target
}

export function explode(): never {
  throw new Error('nobody may look at this')
}

function refusingProxy<T extends object>(target: T): T {
  return new Proxy(target, { get: explode, getPrototypeOf: explode, has: explode, ownKeys: explode })
}

function revokedProxy(target: object): unknown {
  const { proxy, revoke } = Proxy.revocable(target, {})
  revoke()
  return proxy
}

function hostileParts() {
  return { cause: revokedProxy({}), errors: [revokedProxy({}), withThrowingGetters({})], response: refusingProxy({}) }
}

function endlessCauses(): Error {
  const error = new Error('x')
  return Object.defineProperty(error, 'cause', { get: endlessCauses })
}

function longChain(length: number): Error {
  let error = new Error('x')
  for (let link = 0; link < length; link += 1) error = new Error('x', { cause: error })
  return error
}
