import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  resolve: {
    // In an app of your own the package comes from node_modules, and these two are not there.
    alias: [
      { find: /^redux-agent-runtime$/, replacement: source('index.ts') },
      { find: /^redux-agent-runtime\/(.+)$/, replacement: source('$1/index.ts') },
    ],
  },
  // Bundled at the start: a package that Vite comes across later makes it reload the page.
  optimizeDeps: {
    include: [
      'react',
      'react-dom/client',
      'react/jsx-runtime',
      'react/jsx-dev-runtime',
      'react-redux',
      '@reduxjs/toolkit',
      'redux-saga',
      'redux-saga/effects',
      'valibot',
      'idb',
      '@redux-devtools/core',
      '@redux-devtools/inspector-monitor',
      '@redux-devtools/slider-monitor',
    ],
  },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
})
