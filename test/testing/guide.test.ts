import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { blocks } from '../docs/snippets.js'

describe('docs/testing.md', () => {
  it.each(['essay.ts', 'essay.test.ts', 'essay.fixture.test.ts', 'essay.node.ts'])(
    'shows %s as it is run here',
    async (name) => {
      const shown = blocks(await readFile('docs/testing.md', 'utf8'), 'typescript')
      const source = await readFile(`test/testing/guide/${name}`, 'utf8')
      expect(shown).toContain(`// ${name}\n${source}`)
    },
  )

  it('shows a test of node:test that passes', { timeout: 60_000 }, async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...['--import', 'tsx', '--test', '--test-reporter', 'tap', 'test/testing/guide/essay.node.ts'],
    ])
    expect(stdout).toContain('# pass 1')
  })
})
