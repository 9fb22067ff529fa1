import { describe, expect, it } from 'vitest'
import { tellRecordedStory } from './recordedStory.js'
import { run, useFolder } from './run.js'
import { tellStory } from './story.js'

const SAID = [
  ...['RESULT', 'STEP', 'QUESTION', 'ANSWER', 'PREVIEW', 'EDIT', 'APPROVAL', 'REASON', 'CONTEXT'],
  ...['DETAIL', 'RETURNED', 'FAILURE', 'CANCELLATION'],
]

const stories = { 'a story': tellStory, 'a story with recorded results': tellRecordedStory } as const

describe('what was said to a model, a tool or a person', () => {
  const files = useFolder()

  for (const [name, tell] of Object.entries(stories)) {
    const commands = [
      ['ls'],
      ['ls', '--json'],
      ['show'],
      ['show', '--json'],
      ['replay'],
      ['replay', '--session', 'session-1'],
      ['replay', '--session', 'session-2'],
      ['replay', '--session', 'session-3'],
      ['stats'],
      ['stats', '--json'],
      ['export', '--format', 'jsonl'],
      ['export', '--format', 'csv'],
      ['export', '--format', 'csv', '--rows', 'tools'],
      ['what-if', '--json', '--budget', '1', '--all'],
    ] as const
    for (const [command, ...options] of commands) {
      it(`of ${name} is not printed by ${[command, ...options].join(' ')} [CLI-6]`, async () => {
        const { code, stdout } = await run([command, await files.write(await tell()), ...options])
        expect(code).toBe(0)
        expect(stdout).not.toContain('SECRET')
      })
    }

    it(`of ${name} is in no state, whatever fact it ends with [CLI-6]`, async () => {
      const facts = await tell()
      const path = await files.write(facts)
      for (const { meta } of facts) {
        const until = ['--json', '--until', String(meta.seq)]
        expect((await run(['replay', path, ...until])).stdout).not.toContain('SECRET')
        const { code, stdout } = await run(['replay', path, ...until, '--session', 'session-1'])
        if (code === 0) expect(stdout).not.toContain('SECRET')
      }
    })
  }

  it('is not printed where two logs differ in it [CLI-6, CLI-13]', async () => {
    const a = await files.write(await tellRecordedStory())
    const b = await files.write(await tellRecordedStory('OTHER SECRET'), 'b.jsonl')
    for (const options of [[], ['--json']]) {
      const { code, stdout } = await run(['diff', a, b, ...options])
      expect(code).toBe(1)
      expect(stdout).not.toMatch(/SECRET|undefined/)
      expect(stdout).toContain('[content]')
    }
    expect((await run(['diff', a, b, '--content'])).stdout).toContain('"SECRET RESULT" -> "OTHER SECRET RESULT"')
  })

  it('is printed with --content, as far as it is in the log [CLI-6]', async () => {
    const path = await files.write(await tellRecordedStory())
    for (const argv of [
      ['show', path, '--content'],
      ['export', path, '--format', 'jsonl', '--content'],
    ]) {
      const { stdout } = await run(argv)
      expect(SAID.filter((word) => !stdout.includes(`SECRET ${word}`))).toEqual([])
    }
    const { stdout } = await run(['replay', path, '--json', '--content'])
    expect(stdout).toContain('SECRET RETURNED')
  })

  it('leaves [content] where it stood, and what the runtime itself said [CLI-6]', async () => {
    const shown = await run(['show', await files.write(await tellRecordedStory())])
    expect(shown.stdout).toContain('failed, unknown: [content]')
    expect(shown.stdout).toContain('step look up returned')
    const other = await run(['show', await files.write(await tellStory(), 'b.jsonl')])
    expect(other.stdout).toContain('failed, validation_error: TypeError raised')
  })
})
