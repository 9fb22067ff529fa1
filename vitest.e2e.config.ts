import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_FLAGS } from './test/e2e/support/chromiumFlags.js'
import { findChromium } from './test/e2e/support/findChromium.js'
import { sourceAliases } from './test/support/sourceAliases.js'

const launchOptions = { executablePath: findChromium(), args: CHROMIUM_FLAGS }

/** Tests with a real Chromium: one file at a time, because each starts a browser. */
export default defineConfig({
  resolve: { alias: sourceAliases },
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    projects: [
      {
        // In Node, with pages that they open.
        extends: true,
        test: { name: 'e2e', include: ['test/e2e/**/*.e2e.ts'] },
      },
      {
        // In a page.
        extends: true,
        optimizeDeps: {
          include: ['@reduxjs/toolkit', 'fast-check', 'idb', 'redux-saga', 'redux-saga/effects', 'valibot'],
        },
        test: {
          name: 'browser',
          include: ['test/e2e/**/*.browser.ts'],
          browser: {
            enabled: true,
            headless: true,
            provider: playwright({ launchOptions }),
            instances: [{ browser: 'chromium' }],
            screenshotFailures: false,
          },
        },
      },
    ],
  },
})
