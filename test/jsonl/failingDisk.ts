import { nodeDisk, type Disk, type DiskFile } from '../../src/jsonl/disk.js'

/** What a call does instead of going to the disk, or before it. Nothing that it returns counts. */
type Fault = (...args: never[]) => unknown

export interface FailingDisk extends Disk {
  /** Of files, and of the disk. In order, as long as faults are asked for. */
  readonly calls: string[]
  /** From now on, until it is set again. `undefined`: works. */
  fail(faults: Partial<Record<keyof Disk | keyof DiskFile, Fault>>): void
  /** The most bytes that a write takes at once. */
  takeAtMost(bytes: number): void
}

/** The real disk, which fails as it is told. */
export function createFailingDisk(): FailingDisk {
  let faults: Partial<Record<string, Fault>> = {}
  let atMost = Infinity
  const calls: string[] = []

  function watch<T extends object>(target: T): T {
    return new Proxy(target, {
      get(_, name: string) {
        const method = (target as Record<string, unknown>)[name]
        if (typeof method !== 'function') return method
        return async (...args: unknown[]) => {
          calls.push(name)
          await faults[name]?.(...(args as never[]))
          if (name === 'write') args[2] = Math.min(args[2] as number, atMost)
          const result: unknown = await Reflect.apply(method, target, args)
          return name === 'open' ? watch(result as DiskFile) : result
        }
      },
    })
  }

  return Object.assign(Object.create(watch(nodeDisk)) as Disk, {
    calls,
    fail: (next: typeof faults) => void (faults = next),
    takeAtMost: (bytes: number) => void (atMost = bytes),
  })
}

export function diskError(code: string): Error {
  return Object.assign(new Error(`${code}: made up`), { code })
}

/** A fault that throws. */
export function failWith(code: string): Fault {
  return () => {
    throw diskError(code)
  }
}
