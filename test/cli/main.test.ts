import { spawn } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { useFolder } from './run.js'

interface Exited {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The real program, as a shell runs it. */
function shell(command: string, env: Readonly<Record<string, string>> = {}): Promise<Exited> {
  const program = `"${process.execPath}" --import tsx src/cli/main.ts`
  const child = spawn('bash', ['-c', `set -o pipefail; ${command.replaceAll('PROGRAM', program)}`], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const written = { stdout: '', stderr: '' }
  child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...written })))
}

describe('the program in a process of its own', () => {
  const files = useFolder()

  it('exits with 0 and writes no colours into a pipe [CLI-3, CLI-7]', async () => {
    const { code, stdout, stderr } = await shell(`PROGRAM ls ${await files.writeStory()}`, { FORCE_COLOR: '1' })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('4 sessions, 2 threads')
    expect(stdout).not.toContain('\u001b')
  })

  it('exits with 1 for bad news and 2 for wrong use, without a stack [CLI-3, CLI-4]', async () => {
    const [a, b] = [await files.writeStory(), await files.write([], 'b.jsonl')]
    expect((await shell(`PROGRAM diff ${a} ${b}`)).code).toBe(1)
    expect(await shell('PROGRAM show --from x a.jsonl')).toEqual({
      code: 2,
      stdout: '',
      stderr: "redux-agent-runtime: option '--from <seq>' argument 'x' is invalid. It must be an integer from 1.\n",
    })
  })

  it('ends quietly when nobody reads any more [CLI-8]', async () => {
    const facts = Array.from({ length: 20_000 }, (_, index) => ({
      type: 'breakers/reset',
      payload: { name: 'none' },
      meta: { seq: index + 1, at: 0, stream: '@runtime', v: 1 },
    }))
    const path = await files.write(facts)
    const { code, stdout, stderr } = await shell(`PROGRAM show ${path} | head -n 2`)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout.split('\n')[1]).toBe('    1    +0.000s  -          circuit breaker none reset')
  })
})
