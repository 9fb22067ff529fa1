import { describe, expect, it } from 'vitest'
import type { AgentSession } from '../../src/index.js'
import { idle, startSlow } from './slowRuntime.js'

describe('a log that takes its time', () => {
  it.each([
    ['turns', (session: AgentSession, thunk: () => unknown) => session.runTurn(thunk), 'turns/started'],
    ['tools', (session: AgentSession, thunk: () => unknown) => session.runTool('t', thunk), 'tools/started'],
  ] as const)(
    'has the start of %s before they are called, and their answer before it is told [DUR-14]',
    async (_, call, type) => {
      const { log, run, types } = await startSlow()
      const seen: string[] = []
      const { ended, events } = run(async (session) => {
        await call(session, () => seen.push(`called with ${types()[log.durable - 1]}`))
        seen.push(`told with ${types()[log.durable - 1]}`)
      })
      await idle()
      expect(seen).toEqual([])
      log.write()
      await idle()
      expect(seen).toEqual([`called with ${type}`])
      log.write()
      await idle()
      expect(seen[1]).toBe('told with calls/answered')
      expect(events).toEqual([])
      log.write()
      await ended
      expect(types()[log.durable - 1]).toBe('sessions/returned')
    },
  )

  it('has what a call threw before it is thrown [DUR-14]', async () => {
    const { log, run } = await startSlow()
    const { events } = run((session) => session.step('fails', () => Promise.reject(new Error('no'))))
    await idle()
    expect(events).toEqual([])
    log.hurry()
    await idle()
    expect(events).toEqual(['threw'])
  })

  it('has the end of a session before its promise rejects, so that its thread begins anew [DUR-14, DUR-18]', async () => {
    const { log, run, types } = await startSlow()
    const { ended, events } = run(() => Promise.reject(new Error('down')))
    await idle()
    expect(events).toEqual([])
    log.hurry()
    await expect(ended).rejects.toThrow('down')
    expect(types()[log.durable - 1]).toBe('sessions/failed')
  })

  it('has a handoff before it is returned [DUR-14]', async () => {
    const { log, run } = await startSlow()
    let handoff: unknown
    const { ended } = run(async (session) => void (handoff = await session.handoffTo('editor', { reason: 'done' })))
    await idle()
    expect(handoff).toBeUndefined()
    log.hurry()
    await ended
    expect(handoff).toMatchObject({ targetRole: 'editor' })
  })

  it('has the start of each further attempt before it is made [DUR-14]', async () => {
    const recovery = { mode: 'execute', backoff: { baseMs: 1, jitter: 'none' }, escalation: 'rethrow' } as const
    const { log, run, types, clock } = await startSlow({ recovery })
    const seen: (string | undefined)[] = []
    run((session) =>
      session.runTurn(() => {
        seen.push(types()[log.durable - 1])
        if (seen.length === 1) throw Object.assign(new Error('bad gateway'), { status: 502 })
        return 'draft'
      }),
    )
    for (let round = 0; round < 4; round += 1) {
      await clock.advance(1_000)
      await idle()
      log.write()
    }
    await idle()
    expect(seen).toEqual(['turns/started', 'turns/retried'])
  })

  it('has what sessions without results did before it is told, too [DUR-14]', async () => {
    const { log, orchestrator } = await startSlow()
    const session = await orchestrator.open()
    let told = false
    void session.runTurn(() => 1).then(() => (told = true))
    await idle()
    log.write()
    await idle()
    expect(told).toBe(false)
    log.write()
    await idle()
    expect(told).toBe(true)
  })
})
