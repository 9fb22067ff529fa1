import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { tryRead } from '../../slices/rules/errors.js'
import { errorCode, type Disk } from './disk.js'

/** Which process holds a lock. */
export interface Owner {
  readonly pid: number
  readonly host: string
  /** Tells the process from a later one of the same number. `null`: this system does not say. */
  readonly started: string | null
  /** Tells two locks of one process apart. */
  readonly id: string
}

export async function thisProcess(disk: Disk): Promise<Owner> {
  const { started } = await lookUp(disk, process.pid)
  return { pid: process.pid, host: hostname(), started, id: randomUUID() }
}

/** Whether the process has ended for sure. Nothing is known about those of other hosts. */
export async function isGone(disk: Disk, { pid, host, started }: Owner): Promise<boolean> {
  if (host !== hostname()) return false
  if (!exists(pid)) return true
  const now = await lookUp(disk, pid)
  return now.isZombie || (started !== null && now.started !== null && now.started !== started)
}

export function parseOwner(text: string): Owner | undefined {
  const owner = tryRead(() => JSON.parse(text) as Partial<Owner> | null)
  const isOwner = Number.isSafeInteger(owner?.pid) && (owner?.pid ?? 0) > 0 && typeof owner?.host === 'string'
  return isOwner ? (owner as Owner) : undefined
}

function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It exists and belongs to somebody else.
    return errorCode(error) === 'EPERM'
  }
}

/** The boot of the machine and the clock tick of that boot at which a process started. Linux only. */
async function lookUp(disk: Disk, pid: number): Promise<{ started: string | null; isZombie: boolean }> {
  const boot = await disk.readText('/proc/sys/kernel/random/boot_id').catch(() => undefined)
  const stat = await disk.readText(`/proc/${pid}/stat`).catch(() => undefined)
  // The second field is the name in brackets, which may hold anything; the third is the state, the 22nd the start.
  const [state, ...fields] = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? []
  const ticks = fields[18]
  const started = boot === undefined || ticks === undefined ? null : `${boot.trim()}/${ticks}`
  return { started, isZombie: state === 'Z' || state === 'X' }
}
