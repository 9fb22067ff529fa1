import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    typecheck: { enabled: true, include: ['test/**/*.test-d.ts'], tsconfig: 'tsconfig.json' },
    testTimeout: 20_000,
    coverage: { include: ['slices/**', 'sagas/**', 'src/**'], reporter: ['text-summary', 'html'] },
  },
})
