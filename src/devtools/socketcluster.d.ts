/** What is used of two libraries that come without types. */

declare module 'socketcluster-client' {
  interface Stream<T> extends AsyncIterable<T> {
    once(): Promise<T>
  }

  export interface ClientSocket {
    listener(event: 'connect' | 'close'): Stream<unknown>
    invoke(procedure: string, data: unknown): Promise<unknown>
    transmit(receiver: string, data: unknown): Promise<void>
    subscribe(channel: string): AsyncIterable<unknown>
    disconnect(): void
    killAllChannels(): void
  }

  interface SocketOptions {
    readonly hostname: string
    readonly port: number
    readonly autoReconnect: boolean
    readonly connectTimeout: number
    readonly ackTimeout: number
    readonly pingTimeoutDisabled: boolean
    readonly authEngine: object
    readonly wsOptions: object
  }

  const client: { create(options: SocketOptions): ClientSocket }
  export default client
}

declare module 'socketcluster-server' {
  import type { IncomingMessage, Server } from 'node:http'

  export interface ServerSocket {
    readonly id: string
    procedure(name: string): AsyncIterable<{ readonly data: unknown; end(answer: unknown): void }>
    listener(event: 'disconnect'): { once(): Promise<unknown> }
    transmit(event: string, data: unknown): Promise<void>
  }

  interface InboundAction {
    readonly type: string
    readonly TRANSMIT: string
    readonly SUBSCRIBE: string
    readonly HANDSHAKE_WS: string
    readonly request: IncomingMessage
    readonly socket: ServerSocket
    readonly receiver: string
    readonly channel: string
    readonly data: unknown
    allow(): void
    block(error: Error): void
  }

  export interface SocketServer {
    readonly MIDDLEWARE_HANDSHAKE: 'handshake'
    readonly MIDDLEWARE_INBOUND: 'inbound'
    setMiddleware(name: 'handshake' | 'inbound', answer: (actions: AsyncIterable<InboundAction>) => unknown): void
    listener(event: 'connection'): AsyncIterable<{ readonly socket: ServerSocket }>
    closeListener(event: 'connection'): void
    close(): Promise<void>
  }

  export function attach(server: Server, options: { readonly allowClientPublish: boolean }): SocketServer
}
