import { expect, it } from 'vitest'
import 'redux-agent-runtime/vitest'
import { actionLog, createTestRuntime } from '../../src/testing/index.js'

async function record(topics: readonly string[]) {
  const { runtime, orchestrator } = createTestRuntime({ role: 'writer', phase: 'draft' })
  await Promise.all(
    topics.map((topic) =>
      orchestrator.session((session) => session.runTool(topic, () => 'found'), { threadId: topic }),
    ),
  )
  return runtime
}

it('toMatchActionLog holds a runtime against what is expected [KIT-17]', async () => {
  const runtime = await record(['rain'])
  const expected = ['sessions/opened', 'tools/started', 'tools/completed', 'sessions/completed']
  expect(runtime).toMatchActionLog(expected)
  expect(actionLog(runtime)).toMatchActionLog({ 'writer in rain': expected })
  expect(runtime).not.toMatchActionLog(expected.slice(1))
  expect(() => expect(runtime).toMatchActionLog(expected.slice(1))).toThrow('+ sessions/opened')
  expect(() => expect(runtime).not.toMatchActionLog(expected)).toThrow('expected another action log than this')
})

it('toMatchActionLog alone holds it against the snapshot, however its sessions overlapped [KIT-17]', async () => {
  expect(await record(['snow', 'rain'])).toMatchActionLog()
})

it('a snapshot of an action log reads as a transcript [KIT-17]', async () => {
  expect(actionLog(await record(['rain']))).toMatchInlineSnapshot(`
    writer in rain
      opened: writer/draft, thread rain
      tool-1 rain started
      tool-1 rain completed
      completed
  `)
})
