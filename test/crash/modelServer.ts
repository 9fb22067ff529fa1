import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { createRandom } from '../../src/random.js'
import { answerTo, keyOf, type Asked } from './answers.js'

/** A model and some tools behind HTTP, on this machine. Counts what it is asked for. */
export class ModelServer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #random: () => number
  /** In the order of their arrival. */
  readonly calls: Asked[] = []
  /** Nothing is answered before. */
  held: Promise<unknown> = Promise.resolve()
  /** Called on the arrival of a call, and when it was answered. */
  onCall: (when: 'received' | 'answered', ofLife: number) => void = () => undefined

  private constructor(seed: number) {
    this.#random = createRandom(seed)
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  static async start(seed: number): Promise<ModelServer> {
    const server = new ModelServer(seed)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  /** Resolves when nothing of a process that has ended can arrive any more. */
  async quiet(): Promise<void> {
    for (const socket of this.#sockets) if (!socket.destroyed) await once(socket, 'close')
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.on('error', () => undefined)
    response.on('error', () => undefined)
    const asked = await readBody(request).catch(() => undefined)
    if (!asked) return
    if (asked.endpoint === 'effect') {
      return void response.end(JSON.stringify({ arrived: this.#hasArrived(asked) }))
    }
    this.calls.push(asked)
    const nth = this.calls.filter(({ life }) => life === asked.life).length
    this.onCall('received', nth)
    await this.held
    await delay(this.#random() * 5)
    await this.#send(asked, response)
    this.onCall('answered', nth)
  }

  async #send(asked: Asked, response: ServerResponse): Promise<void> {
    if (asked.name.startsWith('flaky')) {
      response.statusCode = 503
      return void response.end()
    }
    const answer = answerTo(asked)
    if (asked.endpoint !== 'stream') return void response.end(JSON.stringify(answer))
    for (const word of answer.text.split(' ')) {
      response.write(`${JSON.stringify({ delta: word })}\n`)
      await delay(this.#random() * 2)
    }
    response.end(`${JSON.stringify({ delta: '', usage: answer.usage })}\n`)
  }

  #hasArrived(asked: Asked): boolean {
    const key = keyOf({ ...asked, endpoint: 'charge' })
    return this.calls.some((call) => keyOf(call) === key)
  }
}

/** `undefined`: it ended too early. */
async function readBody(request: IncomingMessage): Promise<Asked | undefined> {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  return request.complete ? (JSON.parse(body) as Asked) : undefined
}
