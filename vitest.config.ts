import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const source = (path: string) => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  // Tests and examples import the package by name, and get its source.
  resolve: {
    alias: [
      { find: /^redux-agent-runtime$/, replacement: source('src/index.ts') },
      { find: /^redux-agent-runtime\/(.+)$/, replacement: source('src/$1/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
    testTimeout: 20_000,
    coverage: { include: ['slices/**', 'sagas/**', 'src/**'], reporter: ['text-summary', 'html'] },
  },
})
