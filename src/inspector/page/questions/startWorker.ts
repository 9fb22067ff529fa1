import type { AskedWorker } from './asker.js'

export function startWorker(): AskedWorker {
  return new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
}
