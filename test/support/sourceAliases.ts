import { fileURLToPath } from 'node:url'

const source = (path: string) => fileURLToPath(new URL(`../../src/${path}`, import.meta.url))

/** Tests and examples import the package by name, and get its source. */
export const sourceAliases = [
  { find: /^redux-agent-runtime$/, replacement: source('index.ts') },
  { find: /^redux-agent-runtime\/(.+)$/, replacement: source('$1/index.ts') },
]
