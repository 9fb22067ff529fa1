import { describe, expect, it } from 'vitest'
import { createIoLogger, type IoRecord } from '../../src/index.js'
import { rejection } from '../support/runtime.js'
import { infoOf } from './info.js'

function setUp(options: { readonly includeContent?: boolean } = {}) {
  const records: IoRecord[] = []
  const hook = createIoLogger({ write: (record) => void records.push(record), ...options })
  return { hook, records }
}

describe('a logger of what goes in and out', () => {
  it('writes where, what and how much, and nothing of the content [HOOK-8]', () => {
    const { hook, records } = setUp()
    hook.beforeModel?.([{ role: 'user', content: 'my secret' }], infoOf('your-model'))
    hook.afterTool?.('my secret', infoOf('lookup'))
    const call = { sessionId: 'session-1', role: 'writer' }
    expect(records).toEqual([
      { point: 'beforeModel', ...call, name: 'your-model', type: 'array', size: 1 },
      { point: 'afterTool', ...call, name: 'lookup', type: 'string', size: 9 },
    ])
    expect(JSON.stringify(records)).not.toContain('secret')
  })

  it('is at every point, and changes nothing there [HOOK-8]', () => {
    const { hook, records } = setUp()
    expect(hook.name).toBe('io_logger')
    const handoff = { targetRole: 'editor', reason: 'review', context: {} }
    expect(hook.beforeModel?.(1, infoOf('m'))).toBeUndefined()
    expect(hook.afterModel?.(1, infoOf('m'))).toBeUndefined()
    expect(hook.beforeTool?.(1, infoOf('t'))).toBeUndefined()
    expect(hook.afterTool?.(1, infoOf('t'))).toBeUndefined()
    expect(hook.beforeHandoff?.(handoff, infoOf('editor'))).toBeUndefined()
    const points = ['beforeModel', 'afterModel', 'beforeTool', 'afterTool', 'beforeHandoff']
    expect(records.map(({ point }) => point)).toEqual(points)
  })

  it.each<[unknown, string, number | null]>([
    ['abc', 'string', 3],
    [['a', 'b'], 'array', 2],
    [{ a: 1, b: 2, c: 3 }, 'object', 3],
    [new Map([[1, 2]]), 'object', 1],
    [new Set([1, 2]), 'object', 2],
    [new Uint16Array(4), 'object', 8],
    [null, 'null', null],
    [undefined, 'undefined', null],
    [5, 'number', null],
    [true, 'boolean', null],
    [() => 1, 'function', null],
  ])('measures %o as %s of size %o', (value, type, size) => {
    const { hook, records } = setUp()
    hook.afterModel?.(value, infoOf('m'))
    expect(records).toMatchObject([{ type, size }])
  })

  it('writes the content when it is asked to', () => {
    const { hook, records } = setUp({ includeContent: true })
    const value = { text: 'hello' }
    hook.afterModel?.(value, infoOf('m'))
    expect(records[0]?.content).toBe(value)
  })

  it('lets the call wait until the record is written [HOOK-8]', async () => {
    let finish = (): void => undefined
    const hook = createIoLogger({ write: () => new Promise<void>((resolve) => (finish = resolve)) })
    const waiting = hook.beforeTool?.('x', infoOf('t')) as Promise<unknown>
    finish()
    expect(await waiting).toBeUndefined()
  })

  it('passes on what the writer throws', async () => {
    const full = new Error('disk full')
    const sync = createIoLogger({
      write: () => {
        throw full
      },
    })
    const later = createIoLogger({ write: () => Promise.reject(full) })
    expect(() => sync.beforeTool?.('x', infoOf('t'))).toThrow(full)
    expect(await rejection(later.beforeTool?.('x', infoOf('t')) as Promise<unknown>)).toBe(full)
  })

  it.each<[string, object]>([
    ['write', { write: 'stdout' }],
    ['includeContent', { write: () => undefined, includeContent: 1 }],
    ['name', { write: () => undefined, name: '' }],
  ])('names %s when that is not usable', (field, options) => {
    expect(() => createIoLogger(options as never)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
  })
})
