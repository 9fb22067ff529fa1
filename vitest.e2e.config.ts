import { defineConfig } from 'vitest/config'
import { sourceAliases } from './test/support/sourceAliases.js'

/** Tests in a real Chromium: one file at a time, because each starts a browser. */
export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    include: ['test/e2e/**/*.e2e.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
})
