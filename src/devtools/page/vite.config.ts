import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const pathOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

export default defineConfig({
  root: pathOf('.'),
  base: './',
  plugins: [react()],
  build: {
    outDir: pathOf('../../../dist/src/devtools/page'),
    emptyOutDir: true,
    // What the page is made of, and under which licences.
    license: { fileName: 'licenses.md' },
    // The official UI is one piece.
    chunkSizeWarningLimit: 4_000,
  },
})
