import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)

describe('the check of the floors', () => {
  let house = ''

  beforeEach(async () => {
    house = await mkdtemp(join(tmpdir(), 'house-'))
    for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.js']) await cp(file, join(house, file))
    await symlink(join(process.cwd(), 'node_modules'), join(house, 'node_modules'))
  })

  afterEach(() => rm(house, { recursive: true, force: true }))

  it.each([
    [
      'passes arrows that go down',
      { 'src/a.ts': '../sagas/b.js', 'sagas/b.ts': '../slices/c.js', 'slices/c.ts': '' },
      undefined,
    ],
    [
      'fails on an arrow from slices up to sagas',
      { 'slices/a.ts': '../sagas/b.js', 'sagas/b.ts': '' },
      'slices-import-only-slices',
    ],
    [
      'fails on an arrow from sagas up to src',
      { 'sagas/a.ts': '../src/b.js', 'src/b.ts': '' },
      'sagas-import-only-downwards',
    ],
    ['fails on a circle', { 'src/a.ts': './b.js', 'src/b.ts': './a.js' }, 'no-circles'],
    [
      'fails on a rule that knows a slice',
      { 'slices/rules/a.ts': '../b.js', 'slices/b.ts': '' },
      'rules-know-no-facts',
    ],
    ['fails on a Node built-in in the core', { 'src/a.ts': 'node:fs' }, 'core-is-browser-safe'],
  ])('%s', async (_name, files, rule) => {
    for (const [path, imported] of Object.entries(files)) {
      await mkdir(dirname(join(house, path)), { recursive: true })
      await writeFile(join(house, path), imported === '' ? 'export const x = 1\n' : `export * from '${imported}'\n`)
    }
    const folders = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))]
    const cruise = run(join('node_modules', '.bin', 'depcruise'), folders, { cwd: house })
    if (rule === undefined)
      await expect(cruise).resolves.toMatchObject({
        stdout: expect.stringContaining('no dependency violations') as string,
      })
    else await expect(cruise).rejects.toMatchObject({ stdout: expect.stringContaining(rule) as string })
  })
})
