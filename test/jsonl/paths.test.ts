import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { rejection } from '../support/runtime.js'
import { appendTo, readSeqs } from '../log/facts.js'
import { sealed, tempLog, writeLog, type TempLog } from './files.js'

describe('the path of a JSONL log', () => {
  let place: TempLog
  beforeEach(() => void (place = tempLog()))
  afterEach(() => place.remove())

  const files: readonly (readonly [what: string, content: string, why: string])[] = [
    ['an empty file', '', 'it is empty'],
    ['a text', 'Dear diary,\n', 'its first line is not that of a log'],
    ['a text of one line', 'Dear diary', 'its first line is not that of a log'],
    ['a line that never ends', 'x'.repeat(100_000), 'its first line is not that of a log'],
    ['another JSONL file', '{"level":"info"}\n{"level":"warn"}\n', 'its first line is not that of a log'],
    [
      'another file with checksums',
      `${sealed('{"format":"other","version":1}')}\n`,
      'its first line is not that of a log',
    ],
    [
      'a snapshot',
      `${sealed('{"format":"redux-agent-runtime/snapshot","version":1}')}\n`,
      'its first line is not that of a log',
    ],
  ]

  it.each(files)('is not that of %s [JSONL-3]', async (_, content, why) => {
    writeFileSync(place.path, content)
    for (const readOnly of [false, true]) {
      const error = await rejection(openJsonlLog(place.path, { readOnly }))
      expect(error).toMatchObject({
        code: 'invalid_argument',
        field: 'path',
        value: place.path,
        message: `${place.path} is not a log: ${why}`,
      })
    }
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
  })

  it('is not that of a folder, and not in one that is missing [JSONL-3]', async () => {
    mkdirSync(place.path)
    const missing = join(place.folder, 'no', 'log.jsonl')
    for (const path of [place.path, missing, join(missing, '\0')]) {
      for (const readOnly of [false, true]) {
        expect(await rejection(openJsonlLog(path, { readOnly }))).toMatchObject({
          code: 'invalid_argument',
          field: 'path',
          value: path,
          message: expect.stringContaining(path) as unknown,
        })
      }
    }
    expect(readdirSync(place.folder)).toEqual(['log.jsonl'])
  })

  it('must be that of a log that is there, to be read [JSONL-3]', async () => {
    expect(await rejection(openJsonlLog(place.path, { readOnly: true }))).toMatchObject({
      code: 'invalid_argument',
      message: `${place.path} cannot be read: ENOENT`,
    })
    expect(readdirSync(place.folder)).toEqual([])
  })

  it.each<[string, unknown, unknown]>([
    ['path', ' ', {}],
    ['path', 5, {}],
    ['readOnly', 'log.jsonl', { readOnly: 'yes' }],
    ['readonly', 'log.jsonl', { readonly: true }],
    ['options', 'log.jsonl', null],
  ])('%s is refused when it is not usable', async (field, path, options) => {
    expect(await rejection(openJsonlLog(path as never, options as never))).toMatchObject({
      code: 'invalid_argument',
      field,
    })
  })

  it('may go over a link: one log has one lock [JSONL-9]', async () => {
    await writeLog(place.path, 2)
    const link = join(place.folder, 'link')
    symlinkSync(place.path, link)
    const log = await openJsonlLog(link)
    expect(log.path).toBe(place.path)
    expect(await rejection(openJsonlLog(place.path))).toMatchObject({ code: 'log_locked', path: place.path })
    appendTo(log, 'a')
    expect(await readSeqs(log)).toEqual([1, 2, 3])
    await log.close()
  })
})
