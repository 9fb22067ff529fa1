import { readdir, readFile, writeFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openDamagedLog, run, useFolder } from './run.js'
import { tellStory } from './story.js'

describe('convert', () => {
  const files = useFolder()

  it('copies a log as it is [CLI-19]', async () => {
    const from = await files.writeStory()
    const to = files.path('b.jsonl')
    const { code, stdout } = await run(['convert', from, to])
    expect([code, files.tidy(stdout)]).toEqual([0, '31 facts copied to b.jsonl\n'])
    expect(await readFile(to, 'utf8')).toBe(await readFile(from, 'utf8'))
  })

  it.runIf(process.getBuiltinModule('node:sqlite'))('copies into a database and back [CLI-19]', async () => {
    const from = await files.writeStory()
    expect((await run(['convert', from, files.path('b.db')])).code).toBe(0)
    expect((await run(['ls', files.path('b.db')])).stdout).toBe((await run(['ls', from])).stdout)
    expect((await run(['convert', files.path('b.db'), files.path('c.jsonl')])).code).toBe(0)
    expect(await readFile(files.path('c.jsonl'), 'utf8')).toBe(await readFile(from, 'utf8'))
  })

  it('overwrites nothing [CLI-5, CLI-19]', async () => {
    const from = await files.writeStory()
    await writeFile(files.path('b.jsonl'), 'precious')
    const { code, stderr } = await run(['convert', from, files.path('b.jsonl')])
    expect([code, files.tidy(stderr)]).toEqual([2, 'redux-agent-runtime: b.jsonl exists already\n'])
    expect(await readFile(files.path('b.jsonl'), 'utf8')).toBe('precious')
  })

  it.each(['b.jsonl', 'b.db'])('leaves no %s behind when the log ends in damage [CLI-19]', async (name) => {
    const openLog = openDamagedLog(await tellStory(), 9)
    const { code, stderr } = await run(['convert', await files.writeStory(), files.path(name)], { openLog })
    expect(code).toBe(2)
    expect(stderr).toMatch(/^redux-agent-runtime: .+\n$/)
    expect(await readdir(files.path('.'))).toEqual(['a.jsonl'])
  })

  it('is one line for a folder that is not there [CLI-18]', async () => {
    const { code, stderr } = await run(['convert', await files.writeStory(), files.path('no/b.jsonl')])
    expect([code, files.tidy(stderr)]).toEqual([
      2,
      'redux-agent-runtime: no/b.jsonl cannot be written: there is no such file\n',
    ])
  })

  it('must be told a store by the name of the new log [CLI-19]', async () => {
    const { code, stderr } = await run(['convert', await files.writeStory(), files.path('b.txt')])
    expect([code, files.tidy(stderr)]).toEqual([
      2,
      'redux-agent-runtime: b.txt must end in .jsonl, .db, .sqlite or .sqlite3\n',
    ])
  })
})
