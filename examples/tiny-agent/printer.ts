import pc from 'picocolors'
import { formatCost, type AgentEvent, type Sink } from 'redux-agent-runtime'

export interface Printer {
  readonly colors: ReturnType<typeof pc.createColors>
  title(text: string): void
  step(number: number, text: string): void
  /** What the story says about a step. */
  note(text: string): void
  /** What a model wrote. */
  quote(text: string): void
  /** Lines that are laid out already. */
  block(text: string): void
}

/** @param write - Takes one line, without its end. */
export function createPrinter(write: (line: string) => void, color: boolean): Printer {
  const colors = pc.createColors(color)
  return {
    colors,
    title: (text) => write(colors.bold(text)),
    step(number, text) {
      write('')
      write(`${colors.bold(colors.cyan(`${number}.`))} ${colors.bold(text)}`)
    },
    note: (text) => write(`   ${text}`),
    quote: (text) => write(`   ${colors.italic(`“${text}”`)}`),
    block: (text) => text.split('\n').forEach((line) => write(`   ${line}`)),
  }
}

/** Prints a line per agent event, and per turn that used something, as it happens. */
export function createPrinterSink({ colors, note }: Printer, startedAt: number): Sink {
  const paint = { green: colors.green, red: colors.red, yellow: colors.yellow, cyan: colors.cyan }
  const line = (at: number, who: string, what: string): void => {
    const elapsed = `${((at - startedAt) / 1_000).toFixed(1)}s`
    note(`${colors.dim(elapsed.padStart(6))}  ${who.padEnd(6)}  ${what}`)
  }
  return {
    name: 'printer',
    event(event) {
      const { at = startedAt, role = '', detail = '', data } = event
      const tool = typeof data?.['tool'] === 'string' ? data['tool'] : ''
      const about = [detail, tool].filter(Boolean).join(': ')
      const name = paint[colorOf(event)](about ? event.event.padEnd(24) : event.event)
      line(at, role, about ? `${name}  ${about}` : name)
    },
    usage({ at, role, turnId, model, usage, costUsd, priced }) {
      const input = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
      const cost = priced ? formatCost(costUsd) : 'unpriced'
      line(at, role, `${turnId} on ${model ?? 'no model'}: ${input} tokens in, ${usage.outputTokens} out, ${cost}`)
    },
  }
}

function colorOf({ status }: AgentEvent): 'green' | 'red' | 'yellow' | 'cyan' {
  switch (status) {
    case 'completed':
    case 'green':
    case 'ready':
      return 'green'
    case 'failed':
    case 'red':
      return 'red'
    case 'blocked':
    case 'cancelled':
      return 'yellow'
    case 'running':
      return 'cyan'
  }
}
