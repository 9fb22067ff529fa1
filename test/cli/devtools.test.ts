import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { handshake } from '../devtools/stage.js'
import { run } from './run.js'

/** Runs the command, does something while it serves, and interrupts it. */
async function whileServing(use: (port: number) => Promise<unknown>, argv: readonly string[] = []) {
  const port = await freePort()
  let used: unknown
  const interrupted = async () => {
    used = await use(port)
  }
  const ran = await run(['devtools', '--port', String(port), ...argv], { interrupted })
  return { ...ran, port, used }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('devtools', () => {
  it('prints where it serves, and ends well when it is interrupted [DEVN-12]', async () => {
    const { port, ...ran } = await whileServing(async () => undefined)
    expect(ran).toEqual({ code: 0, stdout: `Redux DevTools: http://127.0.0.1:${port}\n`, stderr: '', used: undefined })
    const json = await whileServing(async () => undefined, ['--json'])
    expect(JSON.parse(json.stdout)).toEqual({ url: `http://127.0.0.1:${json.port}` })
  })

  it('serves the page under a policy that lets it ask nobody else [DEVN-12, DEVN-14]', async () => {
    const { used } = await whileServing(async (port) => {
      const response = await fetch(`http://127.0.0.1:${port}/`)
      return { text: await response.text(), policy: response.headers.get('content-security-policy') }
    })
    expect(used).toMatchObject({
      text: expect.stringContaining('<title>Redux DevTools</title>') as string,
      policy: expect.stringMatching(/^default-src 'self'; /) as string,
    })
    expect(used).not.toMatchObject({ policy: expect.stringMatching(/unsafe-eval|connect-src|https?:/) as string })
  })

  it('refuses other hosts and the pages of other sites [DEVN-14]', async () => {
    const { used } = await whileServing(async (port) => [
      await handshake(port, { Host: 'rebound.example.com' }),
      await handshake(port, { Origin: 'https://example.com' }),
      (await fetch(`http://127.0.0.1:${port}/`, { headers: { Origin: 'https://example.com' } })).status,
      await handshake(port, {}),
    ])
    expect(used).toEqual([401, 401, 403, 101])
  })

  it('says in one line that its port is in use [DEVN-12]', async () => {
    const { used } = await whileServing((port) => run(['devtools', '--port', String(port)]))
    expect(used).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^redux-agent-runtime: port \d+ is in use.*\n$/) as string,
    })
  })

  it('warns when others than this machine may reach it [DEVN-14]', async () => {
    const { stderr } = await run(['devtools', '--host', '192.0.2.1', '--port', '0'])
    expect(stderr.split('\n')[0]).toBe(
      'redux-agent-runtime: whoever reaches 192.0.2.1 sees what these programs do, and can hold them',
    )
    expect(stderr.split('\n')[1]).toBe('redux-agent-runtime: 192.0.2.1 is no address of this machine')
  })

  it.each(['-1', '65536', 'x'])('refuses the port %s [DEVN-12]', async (port) => {
    const { code, stderr } = await run(['devtools', `--port=${port}`])
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `redux-agent-runtime: option '--port <n>' argument '${port}' is invalid. It must be an integer from 0 to 65535.\n`,
    })
  })
})
