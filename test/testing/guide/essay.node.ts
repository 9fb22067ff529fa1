import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  actionLog,
  createTestRuntime,
  expectReplayStable,
  scriptedModel,
  transcript,
} from 'redux-agent-runtime/testing'
import { writeEssay, type Answer } from './essay.js'

void test('the writer drafts, saves and polishes', async () => {
  const { runtime } = createTestRuntime()
  const model = scriptedModel<Answer>([
    { answer: { text: 'A long essay.', usage: { outputTokens: 700 } } },
    { answer: { text: 'An essay.', usage: { outputTokens: 300 } } },
  ])
  const essay = await writeEssay(runtime, (prompt, signal) => model.ask(prompt, { signal }), 'tides')
  assert.equal(essay, 'An essay.')
  assert.match(transcript(actionLog(runtime)), /tool-1 save completed/)
  await expectReplayStable(runtime)
})
