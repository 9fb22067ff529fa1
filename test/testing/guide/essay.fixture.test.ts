import { openFixture } from 'redux-agent-runtime/fixtures'
import { expect, it } from 'vitest'
import { writeEssay } from './essay.js'
import { callProvider } from './provider.js'

it('writes an essay as it did when it was recorded', async () => {
  await using fixture = await openFixture('test/testing/guide/essay.jsonl')
  expect(await writeEssay(fixture.runtime, callProvider, 'tides')).toBe('The tides come and go.')
  await fixture.finish()
})
