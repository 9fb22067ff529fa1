import { describe, expect, it } from 'vitest'
import type { Message } from '../../src/devtools/messages.js'
import { Switchboard, type Peer } from '../../src/devtools/switchboard.js'
import { handshake, startRelay } from './stage.js'

describe('the relay', () => {
  it('accepts programs, which have no origin, and the page that it serves itself [DEVN-14]', async () => {
    const { port } = await startRelay()
    expect(await handshake(port, {})).toBe(101)
    expect(await handshake(port, { Origin: `http://127.0.0.1:${port}` })).toBe(101)
    expect(await handshake(port, { Host: `localhost:${port}`, Origin: `http://localhost:${port}` })).toBe(101)
  })

  it.each([
    { Origin: 'https://example.com' },
    { Origin: 'null' },
    { Origin: 'http://127.0.0.1:1' },
    { Host: 'rebound.example.com' },
    { Host: 'rebound.example.com', Origin: 'http://rebound.example.com' },
  ])('refuses the handshake of %j [DEVN-14]', async (headers) => {
    const { port } = await startRelay()
    expect(await handshake(port, headers)).toBe(401)
  })
})

describe('the switchboard', () => {
  function stage() {
    const heard: string[] = []
    const peer = (id: string): Peer => ({
      id,
      send: (channel, message) =>
        heard.push(`${id} ${channel} ${message.type} ${(message['id'] as string | undefined) ?? '-'}`),
    })
    const switchboard = new Switchboard()
    const [page, other] = [peer('page'), peer('other')]
    const [a, b] = [peer('a'), peer('b')]
    const joins = (program: Peer) => {
      heard.length = 0
      switchboard.join(program)
      return [...heard]
    }
    const says = (from: Peer, receiver: string, type: string, rest: Partial<Message> = {}) => {
      heard.length = 0
      switchboard.accept(from, receiver, { ...rest, type })
      return [...heard]
    }
    const leaves = (from: Peer) => {
      heard.length = 0
      switchboard.leave(from)
      return [...heard]
    }
    return { switchboard, page, other, a, b, joins, says, leaves }
  }

  it('asks a program for its history when a page listens, and only then [DEVN-13]', () => {
    const { page, a, b, joins, says } = stage()
    expect(joins(a)).toEqual([])
    expect(says(page, 'respond', 'START')).toEqual(['a respond START -'])
    expect(joins(b)).toEqual(['b respond START -'])
    expect(says(b, 'log', 'START')).toEqual([])
  })

  it('passes on to one program what is meant for that one [DEVN-13]', () => {
    const { page, a, b, joins, says } = stage()
    joins(a)
    joins(b)
    says(page, 'respond', 'START')
    expect(says(page, 'sc-b', 'DISPATCH')).toEqual(['b respond DISPATCH -'])
    expect(says(page, 'sc-c', 'DISPATCH')).toEqual([])
    expect(says(page, 'respond', 'UPDATE')).toEqual(['a respond UPDATE -', 'b respond UPDATE -'])
  })

  it('begins with the whole history in each page [DEVN-13]', () => {
    const { page, other, a, joins, says } = stage()
    joins(a)
    says(page, 'respond', 'START')
    expect(says(a, 'log', 'ACTION')).toEqual([])
    expect(says(a, 'log', 'STATE')).toEqual(['page log STATE a'])
    says(other, 'respond', 'START')
    expect(says(a, 'log', 'ACTION')).toEqual(['page log ACTION a'])
    expect(says(a, 'log', 'ERROR')).toEqual(['page log ERROR a', 'other log ERROR a'])
  })

  it('says who a message is from, whatever that says itself [DEVN-13]', () => {
    const { page, a, says } = stage()
    says(page, 'respond', 'START')
    expect(says(a, 'log', 'STATE', { id: 'b' })).toEqual(['page log STATE a'])
    expect(says(a, 'log-noid', 'x', { data: { type: 'STATE' } })).toEqual(['page log STATE a'])
  })

  it('tells programs to be silent when the last page has left [DEVN-13]', () => {
    const { page, other, a, joins, says, leaves } = stage()
    joins(a)
    says(page, 'respond', 'START')
    says(other, 'respond', 'START')
    expect(leaves(page)).toEqual([])
    expect(leaves(other)).toEqual(['a respond DISCONNECTED other'])
    expect(leaves(other)).toEqual([])
  })

  it('tells pages which program has left [DEVN-13]', () => {
    const { page, a, joins, says, leaves } = stage()
    says(page, 'respond', 'START')
    joins(a)
    says(a, 'log', 'STATE')
    expect(leaves(a)).toEqual(['page log DISCONNECTED a'])
    expect(says(page, 'sc-a', 'DISPATCH')).toEqual([])
  })

  it('passes on nothing that is no message [DEVN-13]', () => {
    const { switchboard, page, a, says } = stage()
    says(page, 'respond', 'START')
    for (const data of [null, 'START', [], { kind: 'STATE' }]) switchboard.accept(a, 'log', data)
    expect(says(page, 'respond', 'UPDATE')).toEqual([])
  })
})
