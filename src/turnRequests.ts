import type { StreamRequest, StreamThunk } from '../sagas/stream.js'
import type { TurnRequest, TurnThunk } from '../sagas/turnRequest.js'
import { assertArgument, InvalidArgumentError } from '../slices/rules/errors.js'
import { parseUsage, type UsageInput, type UsageSnapshot } from '../slices/rules/tokens.js'
import { flag, functionOf, nonBlank, parse } from './config/schema.js'
import {
  assertKnown,
  parseSignal,
  parseTimeout,
  type AnyTurnOptions,
  type StreamOptions,
  type TurnOptions,
} from './options.js'

/** A turn, as far as its caller says. */
export type AskedTurn<T> = Omit<TurnRequest<T>, 'sessionId' | 'functions' | 'readUsage' | 'fingerprint'>

/** A streamed turn, as far as its caller says. */
export type AskedStream<Chunk> = Omit<StreamRequest<Chunk>, 'sessionId' | 'functions' | 'fingerprint'>

const ANY_TURN_OPTIONS = [
  'name',
  'model',
  'usage',
  'estimate',
  'timeoutMs',
  'signal',
  'input',
  'idempotencyKey',
] as const
const TURN_OPTIONS: readonly (keyof TurnOptions<never>)[] = ANY_TURN_OPTIONS
const STREAM_OPTIONS: readonly (keyof StreamOptions<never>)[] = [...ANY_TURN_OPTIONS, 'text', 'keepChunks']

/** What is given to `runTurn`. */
export function parseTurn<T>(thunk: TurnThunk<T>, options: TurnOptions<T>): AskedTurn<T> {
  assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
  assertKnown(options, TURN_OPTIONS)
  return {
    thunk,
    name: parseName(options.name),
    model: parseModel(options.model),
    usage: parseUsageOption(options.usage),
    estimate: parseEstimate(options.estimate),
    timeoutMs: parseTimeout(options.timeoutMs),
    signal: parseSignal(options.signal),
    input: options.input,
    idempotencyKey: parseKey(options.idempotencyKey),
  }
}

/** What is given to `runTurnStream`. */
export function parseStream<Chunk>(thunk: StreamThunk<Chunk>, options: StreamOptions<Chunk>): AskedStream<Chunk> {
  assertArgument(typeof thunk === 'function', 'thunk', thunk, 'a function')
  assertKnown(options, STREAM_OPTIONS)
  const { text = (chunk: Chunk) => chunk as string, keepChunks = false } = options
  return {
    ...parseStreamTimeouts(options.timeoutMs),
    thunk,
    name: parseName(options.name),
    model: parseModel(options.model),
    usage: parseUsageOption(options.usage),
    estimate: parseEstimate(options.estimate),
    signal: parseSignal(options.signal),
    input: options.input,
    idempotencyKey: parseKey(options.idempotencyKey),
    text: parse(functionOf<typeof text>('a function'), text, 'text'),
    keepChunks: parse(flag, keepChunks, 'keepChunks'),
  }
}

function parseName(name: string | undefined): string {
  return name === undefined ? '' : parse(nonBlank, name, 'name')
}

function parseModel(model: AnyTurnOptions['model']): string | ((provider: string | null) => string) | null {
  if (model === undefined || typeof model === 'function') return model ?? null
  return parse(nonBlank, model, 'model').trim()
}

/** Usage that is given, or the function that reads it. */
function parseUsageOption<Read>(usage: UsageInput | Read | undefined): UsageSnapshot | Read | undefined {
  return usage === undefined || typeof usage === 'function' ? usage : parseUsage(usage as UsageInput)
}

function parseEstimate(estimate: UsageInput | undefined): UsageSnapshot | null {
  if (estimate === undefined) return null
  try {
    return parseUsage(estimate)
  } catch (error) {
    if (!(error instanceof InvalidArgumentError)) throw error
    throw new InvalidArgumentError(error.field.replace(/^usage/, 'estimate'), error.value, error.expected)
  }
}

function parseKey(key: string | undefined): string | null {
  return key === undefined ? null : parse(nonBlank, key, 'idempotencyKey')
}

function parseStreamTimeouts(timeouts: StreamOptions<never>['timeoutMs']) {
  if (typeof timeouts !== 'object' || timeouts === null) {
    return { timeoutMs: parseTimeout(timeouts), firstChunkMs: null, chunkMs: null }
  }
  assertKnown(timeouts, ['totalMs', 'firstChunkMs', 'chunkMs'], 'timeoutMs')
  return {
    timeoutMs: parseTimeout(timeouts.totalMs, 'timeoutMs.totalMs'),
    firstChunkMs: parseTimeout(timeouts.firstChunkMs, 'timeoutMs.firstChunkMs') ?? null,
    chunkMs: parseTimeout(timeouts.chunkMs, 'timeoutMs.chunkMs') ?? null,
  }
}
