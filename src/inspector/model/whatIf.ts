import { whatIf, type WhatIf, type WhatIfOptions } from '../../history/whatIf.js'
import type { WhatIfChanges } from '../../history/whatIfChanges.js'
import type { Run } from './run.js'

/**
 * What the sessions of a run would have come to under other settings.
 *
 * @throws {InvalidArgumentError} A setting does not fit. Names the field.
 */
export function askWhatIf(run: Pick<Run, 'facts'>, changes: WhatIfChanges, options?: WhatIfOptions): WhatIf {
  return whatIf(run.facts, changes, options)
}
