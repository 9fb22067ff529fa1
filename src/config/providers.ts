import { parseRouter, type ProviderRouter } from '../../slices/rules/routing.js'
import { nonBlank, parse } from './schema.js'

/** Which provider a call goes to, and which one a recovery switches to. Orchestrators that name the same one share whose turn it is. */
export type ProvidersOptions = ProviderRouter & { readonly name: string }

export function parseProviders(
  { name, ...router }: ProvidersOptions,
  field: string,
): { readonly name: string; readonly settings: ProviderRouter } {
  parse(nonBlank, name, field === '' ? 'name' : `${field}.name`)
  return { name, settings: parseRouter(router, field) }
}
