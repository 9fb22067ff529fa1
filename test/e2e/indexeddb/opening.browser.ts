import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendTo, readSeqs } from '../../log/facts.js'
import { rejection } from '../../support/runtime.js'
import { openIndexedDbLog } from '../../../src/indexeddb/index.js'
import { Place } from './place.js'

describe('opening an IndexedDB log', () => {
  let place: Place
  beforeEach(() => void (place = new Place()))
  afterEach(() => place.remove())

  const opening = [
    ['for writing', () => place.open()],
    ['for reading', () => place.openReadOnly()],
  ] as const

  it.each([undefined, '', ' ', 7])('does not open %j [IDB-1]', async (name) => {
    expect(await rejection(openIndexedDbLog(name as never))).toMatchObject({
      code: 'invalid_argument',
      field: 'name',
      value: name,
    })
  })

  it('takes no option that is misspelt [IDB-1]', async () => {
    const opening = openIndexedDbLog(place.name, { readonly: true } as never)
    expect(await rejection(opening)).toMatchObject({ code: 'invalid_argument', field: 'readonly' })
  })

  it('does not make what is only to be read [IDB-2]', async () => {
    expect(await rejection(place.openReadOnly())).toMatchObject({
      code: 'invalid_argument',
      message: `${place.name} is not a log: it is not there`,
    })
    const databases = await indexedDB.databases()
    expect(databases.map(({ name }) => name)).not.toContain(place.name)
  })

  it.each(opening)('%s refuses a database of somebody else, and leaves it as it is [IDB-2]', async (_, open) => {
    await place.make((database) => database.createObjectStore('about').put('of a shop', 'format'))
    expect(await rejection(open())).toMatchObject({
      code: 'invalid_argument',
      message: `${place.name} is not a log: it is a database of something else`,
    })
    await place.change(async (database) => {
      expect([...database.objectStoreNames]).toEqual(['about'])
      expect(await database.get('about', 'format')).toBe('of a shop')
    })
  })

  it.each(opening)('%s refuses an empty database [IDB-2]', async (_, open) => {
    await place.make(() => undefined)
    expect(await rejection(open())).toMatchObject({ message: `${place.name} is not a log: it is empty` })
  })

  it.each(opening)('%s names the version of a later schema [IDB-2]', async (_, open) => {
    await (await place.open()).close()
    await place.make(() => undefined, 7)
    expect(await rejection(open())).toMatchObject({ code: 'log_version', version: 7, supported: 1 })
  })

  it.each(opening)('%s refuses a log that lacks a store [IDB-2]', async (_, open) => {
    await place.make((database) => {
      database.createObjectStore('about').put('redux-agent-runtime/log', 'format')
      database.createObjectStore('blocks', { keyPath: 'seq' })
    })
    expect(await rejection(open())).toMatchObject({
      code: 'log_corrupt',
      reason: 'its stores are not as they were made',
    })
  })

  it('can be tried again after it was refused [IDB-2]', async () => {
    await place.make(() => undefined)
    await rejection(place.open())
    await place.remove()
    const log = await place.open()
    appendTo(log, 'a')
    expect(await readSeqs(log)).toEqual([1])
    await log.close()
  })
})
