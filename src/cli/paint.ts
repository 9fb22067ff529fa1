import type { CliContext } from './context.js'
import type { SessionStatus } from '../history/run.js'
import type { Cell } from './table.js'

/** Red is what failed, green what is done, yellow what waits for somebody. */
export function paintStatus(colors: CliContext['colors'], status: SessionStatus): Cell {
  switch (status) {
    case 'completed':
      return { text: status, paint: colors.green }
    case 'failed':
      return { text: status, paint: colors.red }
    case 'cancelled':
    case 'parked':
    case 'waiting_for_input':
      return { text: status, paint: colors.yellow }
    case 'idle':
    case 'initializing':
    case 'running':
      return status
  }
}
