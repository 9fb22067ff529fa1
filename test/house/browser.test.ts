import { build, type BuildResult } from 'esbuild'
import { builtinModules } from 'node:module'
import { runInNewContext } from 'node:vm'
import { beforeAll, describe, expect, it } from 'vitest'

describe('the core entry, bundled for a browser', () => {
  let bundle: BuildResult<{ metafile: true; write: false }>

  beforeAll(async () => {
    bundle = await build({
      entryPoints: ['src/index.ts'],
      bundle: true,
      platform: 'browser',
      format: 'iife',
      globalName: 'library',
      metafile: true,
      write: false,
      logLevel: 'silent',
      define: { 'process.env.NODE_ENV': '"production"' },
    })
  })

  it('imports no Node built-in', () => {
    const imported = Object.values(bundle.metafile.inputs).flatMap(({ imports }) => imports.map(({ path }) => path))
    expect(imported.filter((path) => path.startsWith('node:') || builtinModules.includes(path))).toEqual([])
  })

  it('pulls in nothing but Redux Toolkit, redux-saga, a schema library and what those need', () => {
    const packages = Object.keys(bundle.metafile.inputs).flatMap(
      (path) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? [],
    )
    const families = packages.map((name) => name.replace(/^@redux-saga\/.*/, 'redux-saga'))
    expect([...new Set(families)].sort()).toEqual([
      '@babel/runtime',
      '@reduxjs/toolkit',
      'immer',
      'redux',
      'redux-saga',
      'redux-thunk',
      'reselect',
      'valibot',
    ])
  })

  it('runs a session where there is nothing but what browsers have', async () => {
    const globals = { AbortController, AbortSignal, console, setTimeout, clearTimeout, structuredClone }
    const result: unknown = await runInNewContext(
      `${bundle.outputFiles[0]?.text ?? ''}
      const runtime = library.createAgentRuntime()
      runtime.registerPricing('m', { inputPerMillion: 3, outputPerMillion: 15 })
      const writer = runtime.orchestrator({ role: 'writer', phase: 'draft', circuitBreaker: { name: 'api' } })
      writer.session(async (session) => {
        await session.runTurn(({ signal }) => signal.aborted, { model: 'm', usage: { inputTokens: 1e6 }, timeoutMs: 1000 })
        return session.summary().usage.costUsd
      })`,
      globals,
    )
    expect(result).toBe(3)
  })
})
