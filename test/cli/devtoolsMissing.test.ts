import { expect, it, vi } from 'vitest'
import { run } from './run.js'

// As the import of the relay ends where its library is not installed.
vi.mock(import('../../src/devtools/relay.js'), () => ({
  attachRelay: () => Promise.reject(Object.assign(new Error('not found'), { code: 'ERR_MODULE_NOT_FOUND' })),
}))

it('says which library devtools needs, and how to get it [DEVN-12]', async () => {
  const { code, stdout, stderr } = await run(['devtools', '--port', '0'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('npm install --save-dev socketcluster-server')
})
