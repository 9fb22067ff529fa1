import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** Vite lists the licenses of what is in the page, but not of what is in its worker. */
export function workerLicenses(): Plugin {
  return {
    name: 'worker-licenses',
    generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
      const folders = new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []))
      const source = ['# Licenses of the worker\n', ...[...folders].sort().map(licenseIn)].join('\n')
      this.emitFile({ type: 'asset', fileName: 'licenses-worker.md', source })
    },
  }
}

function licenseIn(folder: string): string {
  const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<string, string>
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  return `## ${name} - ${version}\n\n${file === undefined ? '' : readFileSync(join(folder, file), 'utf8')}`
}
