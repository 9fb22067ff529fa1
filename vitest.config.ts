import { defineConfig } from 'vitest/config'
import { sourceAliases } from './test/support/sourceAliases.js'

export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
    testTimeout: 20_000,
    coverage: { include: ['slices/**', 'sagas/**', 'src/**'], reporter: ['text-summary', 'html'] },
  },
})
