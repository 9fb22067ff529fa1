import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import socketcluster, { type ClientSocket } from 'socketcluster-client'
import { onTestFinished } from 'vitest'
import { startLocalServer, type LocalServer } from '../../src/cli/localServer.js'
import { createDevToolsEnhancer, type DevToolsEnhancer } from '../../src/devtools/connect.js'
import type { Message } from '../../src/devtools/messages.js'
import type { ConnectDevToolsOptions } from '../../src/devtools/options.js'
import { attachRelay } from '../../src/devtools/relay.js'
import { createManualClock } from '../../src/testing/index.js'

/** A relay for the length of a test, and what talks to each other over it. */
export async function startRelay(port = 0) {
  const folder = await mkdtemp(join(tmpdir(), 'devtools-'))
  await writeFile(join(folder, 'index.html'), 'the page')
  const server = await startLocalServer({ folder, port })
  const relay = await attachRelay(server)
  const close = async () => {
    await relay.close()
    await server.close()
  }
  onTestFinished(async () => {
    if (server.http.listening) await close()
    await rm(folder, { recursive: true })
  })
  return { server, port: server.port, close, openPage: () => openPage(server) }
}

/** A connected store enhancer. Its retries wait for the clock. */
export function connectTo(port: number, options: ConnectDevToolsOptions = {}) {
  const clock = createManualClock()
  const delays: number[] = []
  let ids = 0
  const enhancer: DevToolsEnhancer = createDevToolsEnhancer(
    { port, ...options },
    {
      clock: {
        ...clock,
        setTimeout(callback, delayMs) {
          delays.push(delayMs)
          return clock.setTimeout(callback, delayMs)
        },
      },
      soon: (callback) => void setImmediate(callback),
      createId: () => `store-${port}-${(ids += 1)}`,
      defaultName: 'the program',
    },
  )
  onTestFinished(() => enhancer.disconnect())
  return { enhancer, clock, delays }
}

/** What the official page says and hears, without its looks. */
async function openPage({ port }: LocalServer) {
  const socket = socketcluster.create({ hostname: '127.0.0.1', port, ...PATIENT })
  onTestFinished(() => socket.disconnect())
  await socket.listener('connect').once()
  const heard: Message[] = []
  let wake: () => void = () => undefined
  void listen(socket, await socket.invoke('login', {}), (message) => {
    heard.push(message)
    wake()
  })
  void socket.transmit('respond', { type: 'START' })

  async function next(type: string, where: Partial<Message> = {}): Promise<Message> {
    for (;;) {
      const found = heard.findIndex((message) => message.type === type && matches(message, where))
      if (found >= 0) return heard.splice(found, 1)[0]!
      await new Promise<void>((resolve) => (wake = resolve))
    }
  }

  return {
    heard,
    next,
    /** The state that the page shows of a history that came whole. */
    shown: (message: Message) => JSON.parse(String(message['payload'])) as ShownHistory,
    /** For the program that sent this. */
    say: ({ id, instanceId }: Message, message: object) =>
      void socket.transmit(`sc-${String(id)}`, { instanceId, ...message }),
    sayToAll: (message: Message) => void socket.transmit('respond', message),
    leave: async () => {
      const closed = socket.listener('close').once()
      socket.disconnect()
      await closed
    },
  }
}

interface ShownHistory {
  readonly stagedActionIds: readonly number[]
  readonly skippedActionIds: readonly number[]
  readonly currentStateIndex: number
  readonly actionsById: Readonly<Record<number, { readonly action: { readonly type: string } }>>
  readonly computedStates: readonly { readonly state: unknown }[]
}

const PATIENT = {
  autoReconnect: false,
  connectTimeout: 10_000,
  ackTimeout: 10_000,
  pingTimeoutDisabled: true,
  authEngine: { loadToken: async () => null, removeToken: async () => null },
  wsOptions: {},
}

async function listen(socket: ClientSocket, channel: unknown, hear: (message: Message) => void): Promise<void> {
  for await (const message of socket.subscribe(String(channel))) hear(message as Message)
}

function matches(message: Message, where: Partial<Message>): boolean {
  return Object.entries(where).every(([field, value]) => message[field] === value)
}

/** What a server answers to a handshake. */
export async function handshake(port: number, headers: Readonly<Record<string, string>>): Promise<number> {
  const { request } = await import('node:http')
  const asked = request({
    port,
    host: '127.0.0.1',
    path: '/socketcluster/',
    headers: {
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      ...headers,
    },
  }).end()
  const [response, socket] = (await Promise.race([once(asked, 'response'), once(asked, 'upgrade')])) as [
    { readonly statusCode: number },
    { destroy?: () => void } | undefined,
  ]
  socket?.destroy?.()
  return response.statusCode
}
