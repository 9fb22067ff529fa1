import type { ModelSettings } from '../agents/scriptedModel.js'

interface AddressOptions {
  readonly whileTimeTravelling: 'wait' | 'reject'
  readonly settings: ModelSettings
}

/** `?pace=200` sets how long the model takes, and `?time-travel=reject` what calls do while the store shows the past. */
export function readAddress(search = location.search): AddressOptions {
  const query = new URLSearchParams(search)
  const paceMs = Number(query.get('pace') ?? 900)
  return {
    whileTimeTravelling: query.get('time-travel') === 'reject' ? 'reject' : 'wait',
    settings: { isDown: false, paceMs: Number.isFinite(paceMs) && paceMs >= 0 ? paceMs : 900 },
  }
}
