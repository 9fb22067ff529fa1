import * as v from 'valibot'
import { assertArgument } from '../../slices/rules/errors.js'
import { parseRouter, selectProvider, type ProviderRouter } from '../../slices/rules/routing.js'
import { nonBlank, parse, strictOptions } from './schema.js'

/** Which provider a call goes to, and which one a recovery switches to. Orchestrators that name the same one share whose turn it is. */
export type ProvidersOptions = ProviderRouter & {
  /** Orchestrators that name the same providers share whose turn it is. */
  readonly name: string
}

// What it is that routes is checked by the rule itself.
const schema = strictOptions(
  { name: nonBlank, kind: v.optional(v.unknown()), providers: v.optional(v.unknown()) },
  'an object with a name, a kind and providers',
)

export function parseProviders(
  options: ProvidersOptions,
  field: string,
): { readonly name: string; readonly settings: ProviderRouter } {
  const { name, ...router } = parse(schema, options, field)
  const settings = parseRouter(router as ProviderRouter, field)
  const { provider } = selectProvider(settings, 0, { attempt: 1, current: null, exclude: [] })
  const path = field === '' ? 'providers' : `${field}.providers`
  assertArgument(provider !== null, path, settings.providers, 'a list with one that may be used')
  return { name, settings }
}
