import { connect, type NetConnectOpts, type Socket } from 'node:net'
import socketcluster, { type ClientSocket } from 'socketcluster-client'
import type { Clock } from '../../sagas/clock.js'
import { isMessage, type Message } from './messages.js'

export interface RelayAddress {
  readonly host: string
  readonly port: number
}

interface Answers {
  readonly onMessage: (message: Message) => void
  /** The relay has gone, or was never there. It is tried again. */
  readonly onLost: () => void
}

/** A connection that is renewed until it is closed, and keeps no process alive. */
export interface RelayClient {
  /** Lost without a connection. */
  send(message: Message): void
  /** Whether much of what was sent is still here. */
  isCongested(): boolean
  close(): void
}

const FIRST_DELAY_MS = 500
const MAX_DELAY_MS = 10_000
const CONGESTED_BYTES = 1 << 20

export function createRelayClient(address: RelayAddress, clock: Clock, answers: Answers): RelayClient {
  let isClosed = false
  let delayMs = FIRST_DELAY_MS
  let timer: unknown
  let connection: Connection | undefined

  async function run(): Promise<void> {
    connection = openConnection(address)
    try {
      const messages = await connection.login()
      delayMs = FIRST_DELAY_MS
      for await (const message of messages) if (isMessage(message)) answers.onMessage(message)
    } catch {
      // There is nobody to tell: a program must not care whether somebody looks at it.
    }
    connection.close()
    connection = undefined
    answers.onLost()
    if (!isClosed) retry()
  }

  function retry(): void {
    timer = clock.setTimeout(() => void run(), delayMs)
    delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)
  }

  void run()
  return {
    send: (message) => connection?.send(message),
    isCongested: () => connection?.isCongested() ?? false,
    close() {
      isClosed = true
      clock.clearTimeout(timer)
      connection?.close()
    },
  }
}

interface Connection {
  /** @returns What the pages say, until the connection ends. */
  login(): Promise<AsyncIterable<unknown>>
  send(message: Message): void
  isCongested(): boolean
  close(): void
}

function openConnection({ host, port }: RelayAddress): Connection {
  let wire: Socket | undefined
  const createConnection = (options: NetConnectOpts): Socket => {
    wire = connect(options)
    return wire.unref()
  }
  const hostname = host.includes(':') ? `[${host}]` : host
  const socket = socketcluster.create({ hostname, port, ...QUIET, wsOptions: { createConnection } })
  const connected = socket.listener('connect').once()
  const ended = endOf(socket)
  return {
    async login() {
      await Promise.race([connected, ended])
      const channel = await Promise.race([socket.invoke('login', 'master'), ended])
      return socket.subscribe(channel as string)
    },
    send: (message) => void socket.transmit('log', message).catch(() => undefined),
    isCongested: () => (wire?.writableLength ?? 0) > CONGESTED_BYTES,
    close: () => socket.disconnect(),
  }
}

/** Rejects when the connection is over, and ends what is listened to. */
async function endOf(socket: ClientSocket): Promise<never> {
  await socket.listener('close').once()
  socket.killAllChannels()
  throw new Error('the connection to the relay has ended')
}

/** No timer of the client runs while it is connected, and it stores nothing. */
const QUIET = {
  autoReconnect: false,
  pingTimeoutDisabled: true,
  connectTimeout: 2_000,
  ackTimeout: 2_000,
  authEngine: {
    loadToken: async () => null,
    saveToken: async (_name: string, token: unknown) => token,
    removeToken: async () => null,
  },
}
