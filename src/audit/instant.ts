const INSTANT = /^(\d{4}-\d\d-\d\d)T(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/

/** Whether this is an RFC 3339 instant, of a day that is in the calendar. Leap seconds are not known. */
export function isInstant(timestamp: unknown): boolean {
  if (typeof timestamp !== 'string') return false
  const day = INSTANT.exec(timestamp)?.[1]
  return day !== undefined && isDay(day) && !Number.isNaN(Date.parse(timestamp))
}

/** Dates take the 30th of February for the 2nd of March. */
function isDay(day: string): boolean {
  const at = Date.parse(day)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day)
}
