import {
  ApprovalMismatchError,
  ApprovalRejectedError,
  createAgentRuntime,
  type AgentRuntime,
  type AgentSession,
  type ApprovalDecision,
  type Guardrail,
  type MemoryLog,
} from 'redux-agent-runtime'
import { createManualClock, settle } from 'redux-agent-runtime/testing'
import { runAsProgram, type Options } from './support/program.js'
import { createPrinter, createPrinterSink, type Printer } from './tiny-agent/printer.js'

interface Payment {
  readonly to: string
  readonly euros: number
  readonly iban: string
}

const LIMIT_EUROS = 5_000

const noFortunes: Guardrail = {
  name: 'no-fortunes',
  stages: ['pre'],
  check: ({ input }) =>
    (input as Payment).euros > LIMIT_EUROS
      ? { allowed: false, reason: `nobody pays more than ${LIMIT_EUROS} euros` }
      : { allowed: true },
}

/** A bookkeeper that may pay small bills by itself and asks a person about the others. Offline. */
export async function main({ write, color = false }: Options): Promise<AgentRuntime<MemoryLog>> {
  const clock = createManualClock()
  const print = createPrinter(write, color)
  print.title('A bookkeeper and the desk that approves what it pays, offline')

  const runtime = createAgentRuntime({ clock, sinks: [createPrinterSink(print, clock.now())] })
  const bookkeeper = runtime.orchestrator({ role: 'clerk', phase: 'pay', guardrails: [noFortunes] })
  const paid: Payment[] = []

  await bookkeeper.session(async (session) => {
    const pay = (to: string, euros: number) => tellEnd(print, requestPayment(session, { to, euros, iban: IBAN }, paid))

    print.step(1, 'A small bill needs nobody')
    await pay('stamps', 40)

    print.step(2, 'A large one waits, and the desk approves it')
    await Promise.all([pay('rent', 1_200), decide(runtime, print, { decision: 'approved' })])

    print.step(3, 'The desk pays less than was asked for')
    const args = { to: 'printer', euros: 700, iban: IBAN }
    await Promise.all([pay('printer', 900), decide(runtime, print, { decision: 'edited', args })])

    print.step(4, 'Nobody is above the guardrails, not even the desk')
    const fortune = { to: 'a friend', euros: 9_999, iban: IBAN }
    await Promise.all([pay('a friend', 600), decide(runtime, print, { decision: 'edited', args: fortune })])

    print.step(5, 'The desk says no, and why')
    const reason = 'we have enough chairs'
    await Promise.all([pay('chairs', 800), decide(runtime, print, { decision: 'rejected', reason })])

    print.step(6, 'An approval answers the request it was given for, and no other')
    const both = Promise.all([pay('water', 550), pay('power', 650)])
    await settle()
    swapApprovals(runtime, print)
    await Promise.all([decide(runtime, print, { decision: 'approved' }), both])

    print.step(7, 'Nobody decides in time')
    const late = pay('a dog', 501)
    await clock.advance(HOUR_MS)
    await late

    print.step(8, 'A question is asked in the same way')
    const account = session.pauseForInput('Which account do we pay from?')
    await settle()
    print.note(`the session is ${session.status}`)
    runtime.provideInput(session.id, 'the savings')
    print.quote((await account) as string)
  })

  print.step(9, `Paid: ${paid.map(({ to, euros }) => `${euros} for ${to}`).join(', ')}`)
  const log = JSON.stringify(runtime.log.facts())
  print.note(`${runtime.log.facts().length} facts; the account number is in ${log.split(IBAN).length - 1} of them`)
  print.note('where the desk has edited it; without that, only what the preview shows is kept')
  return runtime
}

const IBAN = 'XX00 1234 5678 9000'
const HOUR_MS = 3_600_000

function requestPayment(session: AgentSession, payment: Payment, paid: Payment[]): Promise<string> {
  return session.runTool(
    'pay',
    // The desk may have changed them.
    ({ args }) => `payment ${paid.push(args as Payment)} is made`,
    {
      args: payment,
      requireApproval: {
        when: ({ euros }) => euros > 500,
        preview: ({ to, euros }) => `${euros} euros for ${to}`,
        timeoutMs: HOUR_MS,
      },
    },
  )
}

/** What the agent is told. */
async function tellEnd(print: Printer, payment: Promise<string>): Promise<void> {
  try {
    print.note(await payment)
  } catch (error) {
    print.note(error instanceof ApprovalRejectedError ? `the agent is told: ${error.message}` : String(error))
  }
}

/** The desk. All it has is the runtime: it could as well sit behind a web page. */
async function decide(
  runtime: AgentRuntime,
  print: Printer,
  decision: Pick<ApprovalDecision, 'decision' | 'args' | 'reason'>,
): Promise<void> {
  await settle()
  for (const request of runtime.select.pendingRequests()) {
    if (request.kind !== 'approval') continue
    const { sessionId, requestId, fingerprint, preview } = request
    print.note(`the desk is shown “${preview as string}”: ${decision.decision}`)
    runtime.resolveApproval(sessionId, { requestId, fingerprint, ...decision })
  }
}

/** Somebody mixes up two windows. */
function swapApprovals(runtime: AgentRuntime, print: Printer): void {
  const [first, second] = runtime.select.pendingRequests()
  if (first?.kind !== 'approval' || second?.kind !== 'approval') throw new Error('two approvals were expected')
  const { sessionId, requestId } = first
  try {
    runtime.resolveApproval(sessionId, { requestId, fingerprint: second.fingerprint, decision: 'approved' })
  } catch (error) {
    if (!(error instanceof ApprovalMismatchError)) throw error
    print.note(`${error.name}: nothing was decided`)
  }
}

await runAsProgram(import.meta.url, main)
