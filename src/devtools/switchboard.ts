import { isMessage, type Channel, type Message } from './messages.js'

/** A program, or a page. */
export interface Peer {
  readonly id: string
  send(channel: Channel, message: Message): void
}

/** Kept back from a page that has not got the whole history of that program before: they continue it. */
const CONTINUATIONS = new Set(['ACTION', 'LIFTED'])

/**
 * Passes on what programs and pages say to each other. A page gets everything about each program, beginning with its whole history;
 * a program gets what is meant for it, and is told to be silent when nobody listens any more.
 */
export class Switchboard {
  readonly #programs = new Map<string, Peer>()
  /** Pages that listen, and the programs whose history each of them has got. */
  readonly #pages = new Map<Peer, Set<string>>()

  /** A program listens from now on. */
  join(program: Peer): void {
    this.#programs.set(program.id, program)
    if (this.#pages.size > 0) program.send('respond', { type: 'START' })
  }

  /** @param receiver - `log`: what a program says. `respond`: for all programs. `sc-` and an id: for one program. */
  accept(peer: Peer, receiver: string, data: unknown): void {
    if (!isMessage(data)) return
    if (receiver === 'log') this.#fromProgram(peer, data)
    else if (receiver === 'log-noid') this.#fromProgram(peer, isMessage(data['data']) ? data['data'] : data)
    else if (receiver === 'respond') this.#fromPage(peer, data)
    else if (receiver.startsWith('sc-')) this.#programs.get(receiver.slice(3))?.send('respond', data)
  }

  leave(peer: Peer): void {
    if (this.#programs.delete(peer.id)) this.#forgetProgram(peer)
    if (this.#pages.delete(peer) && this.#pages.size === 0) this.#tellPrograms({ type: 'DISCONNECTED', id: peer.id })
  }

  #fromProgram(program: Peer, message: Message): void {
    // What programs say before they listen, and pages would only answer.
    if (message.type === 'START') return
    for (const [page, known] of this.#pages) {
      if (message.type === 'STATE') known.add(program.id)
      if (known.has(program.id) || !CONTINUATIONS.has(message.type)) page.send('log', { ...message, id: program.id })
    }
  }

  #fromPage(page: Peer, message: Message): void {
    if (message.type === 'START') this.#pages.set(page, new Set())
    this.#tellPrograms(message)
  }

  #forgetProgram({ id }: Peer): void {
    for (const [page, known] of this.#pages) {
      known.delete(id)
      page.send('log', { type: 'DISCONNECTED', id })
    }
  }

  #tellPrograms(message: Message): void {
    for (const program of this.#programs.values()) program.send('respond', message)
  }
}
