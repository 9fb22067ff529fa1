import { expectTypeOf } from 'vitest'
import type { MemoryLog, StreamThunk, TurnResult, TurnThunk } from '../../src/index.js'
import type { openJsonlLog } from '../../src/jsonl/index.js'
import { createTestRuntime, openTestRuntime, scriptedModel } from '../../src/testing/index.js'

const { orchestrator, log } = createTestRuntime()
const session = await orchestrator.open()

// A script answers with what its steps do.
const texts = scriptedModel([
  { answer: 'text', usage: { outputTokens: 1 } },
  { fail: 'timeout' },
  () => ({ answer: 'x' }),
])
expectTypeOf(texts.turn()).toEqualTypeOf<TurnThunk<string>>()
expectTypeOf(await session.runTurn(texts.turn())).toEqualTypeOf<TurnResult<string>>()

const orders = scriptedModel([{ answer: { order: 17 } }])
expectTypeOf(await orders.ask()).toEqualTypeOf<{ order: number }>()

const chunks = scriptedModel([{ chunks: [{ delta: 'a' }], fail: 'connection' }])
expectTypeOf(chunks.stream()).toEqualTypeOf<StreamThunk<{ delta: string }>>()

// Without an answer, it would be a text.
expectTypeOf(scriptedModel([{ fail: 'rate_limit', retryAfterMs: 1 }]).turn()).toEqualTypeOf<TurnThunk<string>>()

// @ts-expect-error No failure is called that.
scriptedModel([{ fail: 'bad_hair_day' }])

// Several scripts have the names that they were given.
const models = scriptedModel({ writer: [{ answer: 'text' }], editor: [{ answer: 'text' }] })
expectTypeOf(models.as).parameter(0).toEqualTypeOf<'writer' | 'editor'>()
expectTypeOf(models.as('writer').turn()).toEqualTypeOf<TurnThunk<string>>()

// The log is the one that was given.
expectTypeOf(log).toEqualTypeOf<MemoryLog>()
declare const file: Awaited<ReturnType<typeof openJsonlLog>>
expectTypeOf(createTestRuntime({ log: file }).log).toEqualTypeOf(file)
expectTypeOf((await openTestRuntime({ log: file })).runtime.log).toEqualTypeOf(file)

// @ts-expect-error Nobody knows this option.
createTestRuntime({ budgetUSD: 1 })
