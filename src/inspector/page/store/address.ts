import { DETAILS, initialView, PAGES, SCOPES, type View } from './view.js'

/** The view that the part of an address after `#` tells. What it does not tell, or makes no sense, is as in `initialView`. */
export function readAddress(hash: string): View {
  const given = paramsOf(hash)
  return {
    page: oneOf(PAGES, given.get('page')) ?? initialView.page,
    log: given.get('log') === '1' ? 1 : 0,
    threadId: given.get('thread'),
    sessionId: given.get('session'),
    seq: integer(given.get('fact')),
    detail: oneOf(DETAILS, given.get('show')) ?? initialView.detail,
    scope: oneOf(SCOPES, given.get('steps')) ?? initialView.scope,
    compared: { a: given.get('a'), b: given.get('b') },
  }
}

/** The address of a view. What else is in the one before stays. */
export function writeAddress(view: View, before: string): string {
  const { page, log, threadId, sessionId, seq, detail, scope, compared } = view
  const params = paramsOf(before)
  const told = {
    page,
    log: log === 0 ? null : log,
    thread: threadId,
    session: sessionId,
    fact: seq,
    show: detail,
    steps: scope,
    ...compared,
  }
  for (const [name, value] of Object.entries(told)) {
    if (value === null) params.delete(name)
    else params.set(name, String(value))
  }
  return `#${params.toString()}`
}

function paramsOf(hash: string): URLSearchParams {
  return new URLSearchParams(hash.replace(/^#/, ''))
}

function integer(value: string | null): number | null {
  return value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null
}

function oneOf<Name extends string>(names: readonly Name[], value: string | null): Name | undefined {
  return names.find((name) => name === value)
}
