import { once } from 'node:events'
import { request, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'

export interface Answered {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Asking {
  readonly method?: string
  /** As it is sent: `fetch` would tidy it. */
  readonly path?: string
  readonly headers?: OutgoingHttpHeaders
}

/** One request, whose headers may be anything: browsers and `fetch` choose some themselves. */
export async function ask(url: string, { method = 'GET', path = '/', headers = {} }: Asking = {}): Promise<Answered> {
  const { hostname, port } = new URL(url)
  const asking = request({ hostname, port, method, path, headers, agent: false }).end()
  const [response] = (await once(asking, 'response')) as [IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += String(chunk)
  return { status: response.statusCode ?? 0, headers: response.headers, text }
}
