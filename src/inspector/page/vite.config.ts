import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'
import { workerLicenses } from './vite.workerLicenses.js'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** The page goes where the server finds it, beside its compiled code. It is served from wherever its address begins. */
export default defineConfig({
  root: here('.'),
  base: './',
  plugins: [react()],
  worker: { format: 'es', plugins: () => [workerLicenses()] },
  build: {
    outDir: here('../../../dist/src/inspector/page'),
    emptyOutDir: true,
    // Nothing is put into the page itself: its content security policy allows files of its own origin only.
    assetsInlineLimit: 0,
    license: { fileName: 'licenses.md' },
    target: 'es2022',
  },
})
