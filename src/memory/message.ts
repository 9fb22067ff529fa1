import { assertArgument } from '../../slices/rules/errors.js'

/**
 * A message of a conversation. Further fields are kept as they are.
 *
 * A type and no interface, so that a list of them is JSON to the compiler too.
 */
export type ChatMessage = {
  /** Not blank. Messages of the role `system` are the ones that `keepSystem` is about. */
  readonly role: string
  readonly content: string
}

export function isSystem({ role }: ChatMessage): boolean {
  return role === 'system'
}

/** @throws {InvalidArgumentError} Names the field. */
export function assertMessage(message: ChatMessage, field: string): void {
  // What JavaScript callers pass may be anything.
  const given: unknown = message
  assertArgument(typeof given === 'object' && given !== null, field, given, 'a message')
  const { role, content } = message as { readonly role: unknown; readonly content: unknown }
  assertArgument(typeof role === 'string' && role.trim() !== '', `${field}.role`, role, 'a non-blank string')
  assertArgument(typeof content === 'string', `${field}.content`, content, 'a string')
}
