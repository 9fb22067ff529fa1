import { Agent, request, type IncomingMessage } from 'node:http'
import { createInterface } from 'node:readline'
import type { Json } from '../../src/index.js'
import type { Asked, ModelAnswer } from './answers.js'

export interface StreamChunk {
  readonly delta: string
  readonly usage?: ModelAnswer['usage']
}

/** How a child reaches the server. */
export class ModelClient {
  readonly #agent = new Agent({ keepAlive: true })
  readonly #port: number
  readonly #life: number

  constructor(port: number, life: number) {
    this.#port = port
    this.#life = life
  }

  async ask(asked: Omit<Asked, 'life'>, signal: AbortSignal): Promise<ModelAnswer> {
    return (await this.#json(asked, signal)) as ModelAnswer
  }

  async hasArrived(asked: Pick<Asked, 'thread' | 'name' | 'input'>): Promise<boolean> {
    const told = await this.#json({ ...asked, endpoint: 'effect', started: null })
    return (told as { readonly arrived: boolean }).arrived
  }

  async *stream(asked: Omit<Asked, 'life'>, signal: AbortSignal): AsyncGenerator<StreamChunk> {
    const response = await this.#send(asked, signal)
    for await (const line of createInterface({ input: response })) yield JSON.parse(line) as StreamChunk
  }

  async #json(asked: Omit<Asked, 'life'>, signal?: AbortSignal): Promise<Json> {
    const response = await this.#send(asked, signal)
    let body = ''
    for await (const chunk of response) body += String(chunk)
    const { statusCode: status } = response
    if (status !== 200) throw Object.assign(new Error(`the server answered ${status}`), { status })
    return JSON.parse(body) as Json
  }

  #send(asked: Omit<Asked, 'life'>, signal?: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, host: '127.0.0.1', port: this.#port, method: 'POST' }
      const call = request({ ...options, ...(signal && { signal }) }, resolve)
      call.on('error', reject)
      call.end(JSON.stringify({ life: this.#life, ...asked }))
    })
  }
}
