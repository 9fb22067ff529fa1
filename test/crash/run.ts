import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleChild } from './bundle.js'
import { Campaign } from './campaign.js'
import { addCounts, noCounts, type Counts } from './counts.js'
import type { Store } from './job.js'
import { lacksSqlite } from './stores.js'
import { formatTable } from './table.js'

/*
 * Kills processes for a few minutes: `npm run test:crash`, or `npm run test:crash -- --seconds 30 --seed 7 --store sqlite`.
 */

const { seconds, seed, stores } = readArguments(process.argv.slice(2))
const folder = mkdtempSync(join(tmpdir(), 'crash-'))
const columns: Record<string, Counts> = {}
try {
  const bundle = await bundleChild(folder)
  for (const store of stores) columns[store] = await runStore(bundle, store, (seconds * 1_000) / stores.length)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(formatTable(columns))

async function runStore(bundle: string, store: Store, ms: number): Promise<Counts> {
  const until = Date.now() + ms
  const reference = await Campaign.reference(bundle, store)
  let counts = noCounts
  for (let next = seed; next === seed || Date.now() < until; next += 1) {
    counts = addCounts(counts, await Campaign.run(bundle, store, next, reference))
    process.stderr.write(`${store}: seed ${next}, ${counts.kills} kills\n`)
  }
  return counts
}

function readArguments(given: readonly string[]): { seconds: number; seed: number; stores: readonly Store[] } {
  const option = (name: string): string | undefined => given[given.indexOf(`--${name}`) + 1 || given.length]
  const only = option('store') as Store | undefined
  const lack = lacksSqlite()
  if (lack !== undefined) console.log(`SQLite is left out: ${lack}`)
  const all: readonly Store[] = lack === undefined ? ['jsonl', 'sqlite'] : ['jsonl']
  return {
    seconds: Number(option('seconds') ?? 180),
    seed: Number(option('seed') ?? 1),
    stores: only === undefined ? all : [only],
  }
}
