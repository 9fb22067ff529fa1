import type { Sink } from './sink.js'

/**
 * One sink for several. Every one is told, even when an earlier one throws; then the first error is thrown.
 *
 * @param options.suppressErrors - Throws nothing. Default false.
 */
export function createFanOutSink(
  sinks: readonly Sink[],
  options: { readonly name?: string; readonly suppressErrors?: boolean } = {},
): Sink {
  const { name = 'fan-out', suppressErrors = false } = options
  const tellAll = (tell: (sink: Sink) => void): void => {
    const failures: { readonly error: unknown }[] = []
    for (const sink of sinks) {
      try {
        tell(sink)
      } catch (error) {
        failures.push({ error })
      }
    }
    const [first] = failures
    if (first && !suppressErrors) throw first.error
  }
  return {
    name,
    fact: (fact) => tellAll((sink) => sink.fact?.(fact)),
    event: (event) => tellAll((sink) => sink.event?.(event)),
    usage: (record) => tellAll((sink) => sink.usage?.(record)),
  }
}
