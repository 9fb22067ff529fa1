import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { rejection } from '../support/runtime.js'
import { shell } from './program.js'

describe('npm run examples', () => {
  let folder = ''
  let command = ''

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'examples-'))
    const { scripts } = JSON.parse(await readFile('package.json', 'utf8')) as { scripts: { examples: string } }
    command = scripts.examples
  })

  afterEach(() => rm(folder, { recursive: true, force: true }))

  async function writeExamples(examples: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(join(folder, 'examples', 'support'), { recursive: true })
    await writeFile(join(folder, 'examples', 'support', 'part.ts'), 'console.log("not an example")')
    for (const [name, source] of Object.entries(examples)) await writeFile(join(folder, 'examples', name), source)
  }

  it('runs every file that is in the folder, and nothing below it', async () => {
    await writeExamples({ 'a.ts': 'console.log("a")', 'b.ts': 'const b: string = "b"; console.log(b)' })
    expect((await shell(command, folder)).stdout).toBe('a\nb\n')
  })

  it.each([
    ['exits with another code than 0', 'process.exitCode = 3', 3],
    ['throws', 'throw new Error("out of order")', 1],
  ])('fails when the first one %s', async (_, source, code) => {
    await writeExamples({ 'a.ts': source, 'b.ts': 'console.log("b")' })
    expect(await rejection(shell(command, folder))).toMatchObject({ code })
  })
})
