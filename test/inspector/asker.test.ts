import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAsker, type Asker } from '../../src/inspector/page/questions/asker.js'
import { answerRequests } from '../../src/inspector/page/questions/answerRequests.js'
import type { Request } from '../../src/inspector/page/questions/question.js'
import { askWhatIf, compareRuns, createRun, type Run } from '../../src/inspector/model/index.js'
import { tellStory } from '../cli/story.js'

const COMPARE = { kind: 'compare', a: part('essay'), b: part('left-over') } as const
const WHAT_IF = { kind: 'what_if', log: 0, changes: { budgetUsd: 0.01 } } as const

describe('questions that the page asks its worker', () => {
  let run: Run
  let asker: Asker
  let requests: Request[]
  let channels: MessageChannel[]
  let leaving: AbortController

  beforeEach(async () => {
    run = createRun(await tellStory())
    ;[requests, channels, leaving] = [[], [], new AbortController()]
    asker = createAsker([run], () => {
      const channel = new MessageChannel()
      channels.push(channel)
      channel.port2.addEventListener('message', ({ data }) => requests.push(data as Request))
      answerRequests(channel.port2)
      return Object.assign(channel.port1, { onerror: null, terminate: () => channel.port1.close() })
    })
  })

  afterEach(() => {
    for (const { port1 } of channels) port1.close()
  })

  it('have the answers that the model gives, and the facts of a log are sent once [PAGE-19]', async () => {
    expect(channels).toEqual([])
    const options = { a: { threadId: 'essay' }, b: { threadId: 'left-over' } }
    expect(await asker.ask(COMPARE, leaving.signal)).toEqual(await compareRuns(run, run, options))
    expect(await asker.ask(WHAT_IF, leaving.signal)).toEqual(askWhatIf(run, WHAT_IF.changes))
    expect(requests.map(({ kind }) => kind)).toEqual(['facts', 'compare', 'what_if'])
    expect(channels).toHaveLength(1)
  })

  it('are not asked when nobody waits for the answer any more [PAGE-19]', async () => {
    const running = asker.ask(WHAT_IF, leaving.signal)
    const older = asker.ask(COMPARE, AbortSignal.abort())
    const newer = asker.ask({ ...COMPARE, b: part('essay') }, leaving.signal)
    await expect(older).rejects.toThrow()
    await running
    expect((await newer).firstDivergence).toBeNull()
    expect(requests.map(({ kind }) => kind)).toEqual(['facts', 'what_if', 'compare'])
  })

  it('say why there is no answer, and go on [PAGE-19]', async () => {
    const { signal } = leaving
    await expect(asker.ask({ ...WHAT_IF, changes: { budgetUsd: -1 } }, signal)).rejects.toThrow('budgetUsd')
    await expect(asker.ask({ ...COMPARE, b: part('none') }, signal)).rejects.toThrow('b.threadId')
    await expect(asker.ask({ ...COMPARE, b: { ...part('essay'), log: 1 } }, signal)).rejects.toThrow(
      'There is no second log',
    )
    expect((await asker.ask(WHAT_IF, signal)).facts).toBe(run.head)
  })
})

function part(id: string) {
  return { log: 0, kind: 'thread', id } as const
}
