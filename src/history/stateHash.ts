import { canonicalJson, type Json } from '../../slices/rules/json.js'
import type { RuntimeState } from '../../slices/state.js'
import { toHex, utf8 } from '../audit/bytes.js'

/**
 * The SHA-256 of a state as canonical JSON, in lower-case hex: equal states have equal ones, on any machine. Uses WebCrypto, which
 * browsers have in secure contexts only.
 */
export async function stateHash(state: RuntimeState): Promise<string> {
  return toHex(await crypto.subtle.digest('SHA-256', utf8(canonicalJson(state as unknown as Json))))
}
