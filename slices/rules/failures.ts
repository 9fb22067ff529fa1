import { errorName, isRuntimeError, readField, tryRead } from './errors.js'
import { own } from './own.js'

/** What went wrong, as far as choosing a recovery is concerned. Each scenario has a recipe. */
export const SCENARIOS = [
  'llm_timeout',
  'llm_error',
  'tool_execution_error',
  'context_overflow',
  'dependency_timeout',
  'memory_corruption',
  'provider_failure',
] as const

export type Scenario = (typeof SCENARIOS)[number]

/** Why a session failed, as its last event reports it. */
export const FAILURE_CLASSES = [
  'llm_timeout',
  'llm_error',
  'tool_error',
  'context_overflow',
  'rate_limit',
  'dependency_failed',
  'governance_breach',
  'permission_denied',
  'guardrail_violation',
  'memory_corruption',
  'validation_error',
  'prompt_rejection',
  'cancelled',
  'unknown',
] as const

export type FailureClass = (typeof FAILURE_CLASSES)[number]

export interface Failure {
  readonly scenario: Scenario
  readonly failureClass: FailureClass
}

const CLASS_OF_SCENARIO: Readonly<Record<Scenario, FailureClass>> = {
  llm_timeout: 'llm_timeout',
  llm_error: 'llm_error',
  tool_execution_error: 'tool_error',
  context_overflow: 'context_overflow',
  dependency_timeout: 'dependency_failed',
  memory_corruption: 'memory_corruption',
  provider_failure: 'dependency_failed',
}

/**
 * Classifies anything that was thrown, and never throws itself: what of it cannot be read is passed over. In this order:
 *
 * 1. an error of this runtime, by its `code`, when it is the outermost error;
 * 2. the first error that its type tells apart, from the outermost through aggregated errors to the causes: HTTP `status`,
 *    error `code`, error `name`;
 * 3. words in the outermost message (and in those of the errors it aggregates): whole numbers, and the beginnings of words;
 * 4. a prompt that a provider refused, by words in any message of the cause chain;
 * 5. a `TypeError`, `RangeError` or validation error is a mistake of the caller; everything else is `llm_error`.
 */
export function classifyFailure(error: unknown): Failure {
  const ownFailure = isRuntimeError(error) ? own(OWN_ERRORS, textField(error, 'code')) : undefined
  if (ownFailure) return ownFailure
  const chain = errorChain(error)
  const typed = firstDefined(chain, classifyType)
  if (typed) return typed
  const scenario = firstDefined([error, ...aggregatedErrors(error)], (node) => scenarioOfMessage(messageOf(node)))
  if (scenario && scenario !== 'llm_error') return failure(scenario)
  if (chain.some((node) => PROMPT_REJECTED.test(messageOf(node)))) return failure('llm_error', 'prompt_rejection')
  return failure('llm_error', isCallerMistake(error) ? 'validation_error' : 'llm_error')
}

const REFUSED_BY_LIMIT = failure('llm_error', 'rate_limit')

const OWN_ERRORS: Readonly<Record<string, Failure>> = {
  governance_breach: failure('llm_error', 'governance_breach'),
  max_iterations_exceeded: failure('llm_error', 'governance_breach'),
  budget_exceeded: REFUSED_BY_LIMIT,
  usage_limit_exceeded: REFUSED_BY_LIMIT,
  rate_limit_exceeded: REFUSED_BY_LIMIT,
  permission_denied: failure('llm_error', 'permission_denied'),
  guardrail_violated: failure('llm_error', 'guardrail_violation'),
  circuit_open: failure('llm_error'),
  turn_timeout: failure('llm_timeout'),
  tool_timeout: failure('tool_execution_error'),
  cancelled: failure('llm_error', 'cancelled'),
  invalid_argument: failure('llm_error', 'validation_error'),
  unpriced_model: failure('llm_error', 'validation_error'),
}

function failure(scenario: Scenario, failureClass: FailureClass = CLASS_OF_SCENARIO[scenario]): Failure {
  return { scenario, failureClass }
}

// --- by type -------------------------------------------------------------------------------------------------------------------

const TIMEOUT_NAMES =
  /^(TimeoutError|APIConnectionTimeoutError|ConnectTimeoutError|HeadersTimeoutError|BodyTimeoutError)$/
const TIMEOUT_CODES = /^(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT)$/
const ABORT_NAMES = /^(AbortError|APIUserAbortError)$/
const CONNECTION_NAMES = /^(APIConnectionError|SocketError|FetchError)$/
const CONNECTION_CODES =
  /^(ECONN(REFUSED|RESET|ABORTED)|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ERR_NETWORK|UND_ERR_SOCKET)$/
const OVERFLOW_CODES = /^(context_length_exceeded|string_above_max_length)$/
const REJECTED_CODES = /^(content_filter|content_policy_violation|moderation_blocked)$/
/** What providers call an error that they report inside of a stream, after the status line: by its `code`, or by its `type`. */
const RATE_LIMIT_KINDS = /^(rate_limit_exceeded|rate_limit_error|insufficient_quota)$/
const PROVIDER_KINDS = /^(server_error|internal_server_error|overloaded_error|api_error)$/
/** The caller's own files or arguments: waiting will not mend them. */
const CALLER_CODES = /^(ENOENT|ENOTDIR|EISDIR|EACCES|EPERM|EEXIST|EINVAL)$/
const SYSTEM_CODE = /^E[A-Z0-9]{2,}$/

function classifyType(node: unknown): Failure | undefined {
  if (typeof node !== 'object' || node === null || isRuntimeError(node)) return undefined
  const code = textField(node, 'code')
  const name = errorName(node)
  if (OVERFLOW_CODES.test(code)) return failure('context_overflow')
  if (REJECTED_CODES.test(code)) return failure('llm_error', 'prompt_rejection')
  const byStatus = classifyStatus(node)
  if (byStatus) return byStatus
  const kinds = [code, textField(node, 'type')]
  if (kinds.some((kind) => RATE_LIMIT_KINDS.test(kind))) return failure('llm_error', 'rate_limit')
  if (kinds.some((kind) => PROVIDER_KINDS.test(kind))) return failure('provider_failure')
  if (TIMEOUT_NAMES.test(name) || TIMEOUT_CODES.test(code)) return failure('llm_timeout')
  if (ABORT_NAMES.test(name)) return failure('llm_error', 'cancelled')
  if (CONNECTION_CODES.test(code)) return failure('provider_failure')
  if (CALLER_CODES.test(code)) return failure('llm_error', 'validation_error')
  if (SYSTEM_CODE.test(code)) return failure('dependency_timeout')
  if (CONNECTION_NAMES.test(name)) return failure('provider_failure')
  if (name === 'SyntaxError') return failure('memory_corruption')
  return undefined
}

function classifyStatus(node: object): Failure | undefined {
  const status = httpStatus(node)
  if (status === undefined || status < 400) return undefined
  if (status === 408 || status === 504) return failure('llm_timeout')
  if (status === 413) return failure('context_overflow')
  if (status === 429) return failure('llm_error', 'rate_limit')
  if (status === 401 || status === 403 || status >= 500) return failure('provider_failure')
  const message = messageOf(node)
  if (scenarioOfMessage(message) === 'context_overflow') return failure('context_overflow')
  return failure('llm_error', PROMPT_REJECTED.test(message) ? 'prompt_rejection' : 'validation_error')
}

/** Of a response, or of what an SDK throws for one. */
export function httpStatus(node: object): number | undefined {
  for (const candidate of [node, readField(node, 'response')]) {
    if (typeof candidate !== 'object' || candidate === null) continue
    for (const field of ['status', 'statusCode']) {
      const status = readField(candidate, field)
      if (Number.isInteger(status)) return status as number
    }
  }
  return undefined
}

function isCallerMistake(error: unknown): boolean {
  if (tryRead(() => error instanceof TypeError || error instanceof RangeError)) return true
  return typeof error === 'object' && error !== null && /^(ValidationError|ZodError|ValiError)$/.test(errorName(error))
}

// --- by message ----------------------------------------------------------------------------------------------------------------

/** Tried in this order; the first scenario whose patterns all occur in the message decides. */
const MESSAGE_RULES: readonly (readonly [Scenario, ...RegExp[]])[] = [
  ['llm_timeout', words('timeout', 'timed out')],
  ['llm_error', words('rate limit', '429', 'too many requests')],
  [
    'context_overflow',
    words(
      ...['context length', 'token limit', 'maximum context', 'too many tokens', 'context_length_exceeded'],
      ...['context window', 'prompt is too long'],
    ),
  ],
  ['memory_corruption', words('corrupt', 'malformed')],
  [
    'provider_failure',
    words('connection refused', 'connection reset', '503', '502', 'service unavailable', 'bad gateway'),
  ],
  ['provider_failure', words('401', 'unauthorized', 'authentication')],
  ['tool_execution_error', words('tool'), words('error', 'failed')],
  [
    'dependency_timeout',
    words(
      ...['dependency', 'downstream', 'upstream', 'external service', 'dependent', 'database', 'sqlite', 'disk'],
      ...['filesystem', 'file system', 'i/o error', 'io error', 'input/output', 'no space left', 'read-only'],
    ),
  ],
]

const PROMPT_REJECTED = new RegExp(
  words(
    ...[
      'prompt rejected',
      'prompt rejection',
      'content policy',
      'content filter',
      'safety policy',
      'blocked by safety',
    ],
    ...['moderation', 'jailbreak', 'unsafe prompt', 'disallowed content'],
  ).source,
  'i',
)

/** Matches any of the phrases where a word begins: "timeout" in "timeouts", not "tool" in "stool". Numbers match whole: not 429 in 14290. */
function words(...phrases: string[]): RegExp {
  const alternatives = phrases.map((phrase) => (/^\d+$/.test(phrase) ? `${phrase}(?![a-z0-9])` : phrase))
  return new RegExp(`(?<![a-z0-9])(?:${alternatives.join('|')})`)
}

function scenarioOfMessage(message: string): Scenario | undefined {
  const text = splitCamelCase(message).toLowerCase()
  return MESSAGE_RULES.find(([, ...patterns]) => patterns.every((pattern) => pattern.test(text)))?.[0]
}

/** "ReadTimeout" reads as two words. */
function splitCamelCase(message: string): string {
  return message.replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
}

// --- walking errors ------------------------------------------------------------------------------------------------------------

/** A getter may make a new cause each time it is asked. */
const MAX_ERRORS = 1_000

/** The error, what it aggregates, and its causes, outermost first. Each once, so a cycle ends. */
function errorChain(error: unknown): unknown[] {
  const seen = new Set<unknown>()
  const pending = [error]
  while (pending.length > 0 && seen.size < MAX_ERRORS) {
    const node = pending.pop()
    if (node === undefined || node === null || seen.has(node)) continue
    seen.add(node)
    pending.push(causeOf(node), ...aggregatedErrors(node).toReversed())
  }
  return [...seen]
}

function aggregatedErrors(node: unknown): readonly unknown[] {
  if (typeof node !== 'object' || node === null) return []
  const errors = tryRead(() => {
    const given = readField(node, 'errors')
    if (!Array.isArray(given)) return []
    return Array.from({ length: Math.min(given.length, MAX_ERRORS) }, (_, index) => given[index] as unknown)
  })
  return errors ?? []
}

function causeOf(node: unknown): unknown {
  return typeof node === 'object' && node !== null ? readField(node, 'cause') : undefined
}

function messageOf(node: unknown): string {
  if (typeof node === 'string') return node
  return typeof node === 'object' && node !== null ? textField(node, 'message') : ''
}

function textField(node: object, field: string): string {
  const value = readField(node, field)
  return typeof value === 'string' ? value : ''
}

function firstDefined<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item)
    if (found !== undefined) return found
  }
  return undefined
}
