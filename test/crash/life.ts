import type { ChildProcess, Ended } from './childProcess.js'
import type { Job } from './job.js'
import type { ModelServer } from './modelServer.js'
import type { Stop } from './stops.js'

/** Gives a child its job, and stops it at the instant that was drawn, unless it is done before. */
export async function live(
  child: ChildProcess,
  job: Omit<Job, 'death' | 'port'>,
  server: ModelServer,
  stop: Stop | null,
): Promise<Ended> {
  const cancel = arm(child, server, stop)
  child.begin({ ...job, port: server.port, death: stop?.by === 'death' ? stop.death : null })
  const ended = await child.ended
  cancel()
  await server.quiet()
  return ended
}

function arm(child: ChildProcess, server: ModelServer, stop: Stop | null): () => void {
  const kill = (): void => child.kill('SIGKILL')
  switch (stop?.by) {
    case 'received':
    case 'answered':
      server.onCall = (when, nth) => {
        if (when === stop.by && nth === stop.nth) kill()
      }
      return () => (server.onCall = () => undefined)
    case 'told':
      child.onTold = () => {
        if (child.told.length === stop.nth) kill()
      }
      return () => undefined
    case 'time':
    case 'closing': {
      const timer = setTimeout(() => child.kill(stop.by === 'time' ? 'SIGKILL' : 'SIGTERM'), stop.ms)
      return () => clearTimeout(timer)
    }
    default:
      return () => undefined
  }
}
