import type { Span, SpanKind, SpanStatus } from './span.js'

type Draft = { -readonly [Key in keyof Span]: Span[Key] }

/** Where a fact stands on the axis. */
export interface Moment {
  readonly seq: number
  /** Since the start of the session. */
  readonly ms: number
}

interface NewSpan {
  readonly id: string
  readonly kind: SpanKind
  readonly label: string
  /** Default: the session. */
  readonly parentId?: string
  /** Default `running`. */
  readonly status?: SpanStatus
  readonly detail?: string | null
}

/** The spans of one session while its facts are read. */
export class SpanList {
  readonly #spans: Draft[] = []
  readonly #open = new Map<string, Draft>()
  /** The latest of each id. Ids of calls are minted once, those of others are their fact's. */
  readonly #byId = new Map<string, Draft>()

  constructor(readonly sessionId: string) {}

  /** A span that will end. */
  begin({ seq, ms }: Moment, { id, kind, label, parentId, status = 'running', detail = null }: NewSpan): void {
    const beside = kind === 'turn' || kind === 'tool' ? this.#countCalls() : 0
    const place = { id, parentId: parentId ?? this.sessionId, kind, depth: parentId === undefined ? 1 : 2 } as const
    const times = { startMs: ms, endMs: ms, startSeq: seq, endSeq: null }
    const span: Draft = { ...place, status, label, detail, ...times, costUsd: null, beside }
    this.#spans.push(span)
    this.#open.set(id, span)
    this.#byId.set(id, span)
  }

  /** What takes no time. */
  tell(at: Moment, span: NewSpan & { readonly status: SpanStatus }): void {
    this.begin(at, span)
    this.end(at, span.id, span.status)
  }

  /** @param detail - Default: as it was. */
  end({ seq, ms }: Moment, id: string, status: SpanStatus, detail?: string | null): void {
    const span = this.#open.get(id)
    if (!span) return
    this.#open.delete(id)
    span.status = status
    span.endMs = Math.max(span.startMs, ms)
    span.endSeq = seq
    if (detail !== undefined) span.detail = detail
  }

  find(id: string): Readonly<Draft> | undefined {
    return this.#byId.get(id)
  }

  change(id: string, changes: Partial<Pick<Draft, 'status' | 'detail' | 'startMs' | 'endMs' | 'costUsd'>>): void {
    Object.assign(this.#byId.get(id) ?? {}, changes)
  }

  /** Each behind the one that it is inside of. What is open ends where the session was last heard of. */
  finish(lastMs: number): readonly Span[] {
    for (const span of this.#open.values()) span.endMs = Math.max(span.startMs, lastMs)
    const inner = this.#spans.filter(({ depth }) => depth === 2)
    const byParent = new Map<string | null, Span[]>()
    for (const span of inner) byParent.set(span.parentId, [...(byParent.get(span.parentId) ?? []), span])
    const outer = this.#spans.filter(({ depth }) => depth === 1)
    return outer.flatMap((span) => [span, ...(byParent.get(span.id) ?? [])])
  }

  #countCalls(): number {
    let count = 0
    for (const { kind } of this.#open.values()) if (kind === 'turn' || kind === 'tool') count += 1
    return count
  }
}
