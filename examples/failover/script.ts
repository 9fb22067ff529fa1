import { createScriptedProvider, httpError, type Provider } from './provider.js'

const busy = httpError(429, { 'retry-after': '3' })
const down = httpError(503)
const silent = httpError(504)

const answer = (text: string) => ({ text, usage: { inputTokens: 2_000, outputTokens: 400 } })

/** Two providers and what happens to them, turn by turn. */
export function scriptedProviders(): readonly [Provider, Provider] {
  const north = createScriptedProvider('north', 'north-large', [
    answer('Tickets are up by a tenth this week.'),
    down,
    busy,
    answer('Most of them are about invoices.'),
    answer('Two customers wait for a call.'),
    silent,
    silent,
    silent,
    answer('Nobody is waiting any more.'),
    answer('First of three.'),
    answer('Second of three.'),
    answer('Third of three.'),
  ])
  const south = createScriptedProvider('south', 'south-small', [answer('Refunds take four days.')])
  return [north, south]
}
