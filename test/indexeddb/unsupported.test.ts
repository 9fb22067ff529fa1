import { build } from 'esbuild'
import { builtinModules } from 'node:module'
import { describe, expect, it, vi } from 'vitest'
import { openIndexedDbLog } from '../../src/indexeddb/index.js'
import { lockLog } from '../../src/indexeddb/lock.js'
import { rejection } from '../support/runtime.js'

describe('the IndexedDB log', () => {
  it('says that it needs a browser where there is none [IDB-1]', async () => {
    expect(await rejection(openIndexedDbLog('runs'))).toMatchObject({
      code: 'indexeddb_unsupported',
      message: expect.stringContaining('no IndexedDB here') as unknown,
    })
  })

  it('takes no lock where there is no navigator to give one [IDB-4]', async () => {
    vi.stubGlobal('navigator', undefined)
    const lock = await lockLog('runs')
    vi.unstubAllGlobals()
    expect(() => lock.release()).not.toThrow()
  })

  it('brings nothing of Node into a page, and no library but idb and those of the core [IDB-15]', async () => {
    const { metafile } = await build({
      entryPoints: ['src/indexeddb/index.ts'],
      bundle: true,
      platform: 'browser',
      format: 'esm',
      metafile: true,
      write: false,
      logLevel: 'silent',
    })
    const imported = Object.values(metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path))
    expect(imported.filter((path) => path.startsWith('node:') || builtinModules.includes(path))).toEqual([])
    const files = Object.keys(metafile.inputs)
    const packages = files.flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [])
    expect([...new Set(packages)].sort()).toEqual(['idb', 'valibot'])
  })
})
