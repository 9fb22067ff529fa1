import type { IncomingMessage, Server } from 'node:http'
import type { ServerSocket, SocketServer } from 'socketcluster-server'
import type { Channel } from './messages.js'
import { Switchboard, type Peer } from './switchboard.js'

/** The channels that programs and pages listen to. */
const PROGRAMS: Channel = 'respond'
const PAGES: Channel = 'log'

/** What a relay is attached to. */
interface RelayHost {
  readonly http: Server
  /** Whether a request for a connection comes from a program, or from the page of this server. */
  isTrusted(request: IncomingMessage): boolean
}

export interface Relay {
  /** Ends all connections. */
  close(): Promise<void>
}

/**
 * Lets programs and pages talk to each other over a server. The published relay drops what is meant for one program: no jump ever
 * arrives.
 *
 * @throws {Error} `socketcluster-server` is not installed: its code is `ERR_MODULE_NOT_FOUND`.
 */
export async function attachRelay({ http, isTrusted }: RelayHost): Promise<Relay> {
  const { attach } = await import('socketcluster-server')
  const server = attach(http, { allowClientPublish: false })
  const switchboard = new Switchboard()
  const peers = new WeakMap<ServerSocket, Peer>()

  function peerOf(socket: ServerSocket): Peer {
    const known = peers.get(socket)
    if (known) return known
    const peer = createPeer(socket)
    peers.set(socket, peer)
    return peer
  }

  server.setMiddleware(server.MIDDLEWARE_HANDSHAKE, async (actions) => {
    for await (const action of actions) {
      if (action.type === action.HANDSHAKE_WS && !isTrusted(action.request)) action.block(new Error('not trusted'))
      else action.allow()
    }
  })
  server.setMiddleware(server.MIDDLEWARE_INBOUND, async (actions) => {
    for await (const action of actions) {
      if (action.type === action.TRANSMIT) switchboard.accept(peerOf(action.socket), action.receiver, action.data)
      if (action.type === action.SUBSCRIBE && action.channel === PROGRAMS) switchboard.join(peerOf(action.socket))
      action.allow()
    }
  })
  void watchConnections(server, (socket) => switchboard.leave(peerOf(socket)))
  return { close: () => server.close() }
}

function createPeer(socket: ServerSocket): Peer {
  return {
    id: socket.id,
    send: (channel, data) => void socket.transmit('#publish', { channel, data }),
  }
}

async function watchConnections(server: SocketServer, onLeft: (socket: ServerSocket) => void): Promise<void> {
  for await (const { socket } of server.listener('connection')) {
    void answerLogins(socket)
    void socket
      .listener('disconnect')
      .once()
      .then(() => onLeft(socket))
  }
}

/** Tells who connects which channel is theirs. Programs say that they are one. */
async function answerLogins(socket: ServerSocket): Promise<void> {
  for await (const login of socket.procedure('login')) login.end(login.data === 'master' ? PROGRAMS : PAGES)
}
