/** What an SDK throws when its provider is down: the runtime reads the `status`. */
export class ProviderDownError extends Error {
  override readonly name = 'ProviderDownError'
  readonly status = 503

  constructor() {
    super('the provider is down')
  }
}

/** A provider that is down, and counts who calls it nevertheless. */
export class Outage {
  calls = 0

  readonly call = (): never => {
    this.calls += 1
    throw new ProviderDownError()
  }
}
