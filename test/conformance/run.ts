import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { deviations, type Deviation } from './deviations.js'
import { drivers } from './drivers/index.js'
import { Pending, type VectorCase, type VectorFile } from './suite.js'

/*
 * Runs every vector file of a directory through the public API: a line for each file, the failures, and a last line with the sums.
 * Exit status 1: something failed, a file has no driver, or there was nothing to run.
 */

const PUBLIC_VECTORS = fileURLToPath(new URL('vectors', import.meta.url))

type Verdict =
  | { readonly kind: 'passed' }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'deliberate'; readonly deviation: Deviation }
  | { readonly kind: 'pending'; readonly feature: string }

export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly deliberate: number
  readonly pending: number
}

export async function runDirectory(directory: string, write: (line: string) => void): Promise<Tally> {
  const total = { passed: 0, failed: 0, deliberate: 0, pending: 0 }
  const names = readdirSync(directory).filter((name) => name.endsWith('.json'))
  for (const name of names.sort()) {
    const file = JSON.parse(readFileSync(join(directory, name), 'utf8')) as VectorFile
    const verdicts = await Promise.all(file.cases.map((vector) => judge(vector, file)))
    const count = (kind: Verdict['kind']) => verdicts.filter((verdict) => verdict.kind === kind).length
    const sums = {
      passed: count('passed'),
      failed: count('failed'),
      deliberate: count('deliberate'),
      pending: count('pending'),
    }
    for (const kind of ['passed', 'failed', 'deliberate', 'pending'] as const) total[kind] += sums[kind]
    write(`${basename(name, '.json').padEnd(18)} ${describe(sums)}${describeDetails(verdicts)}`)
    verdicts.forEach((verdict, index) => {
      if (verdict.kind === 'failed') write(`  ${file.cases[index]?.name ?? '?'}: ${verdict.why}`)
    })
  }
  write(describe(total))
  return total
}

async function judge(vector: VectorCase, file: VectorFile): Promise<Verdict> {
  const driver = drivers[file.primitive]
  if (!driver) return { kind: 'failed', why: `no driver for ${file.primitive}` }
  try {
    await driver(vector.input as never, vector.expected as never, file)
    return { kind: 'passed' }
  } catch (error) {
    if (error instanceof Pending) return { kind: 'pending', feature: error.feature }
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const deviation = deviations.find((candidate) => covers(candidate, vector, file))
    return deviation ? { kind: 'deliberate', deviation } : { kind: 'failed', why: firstLines(why) }
  }
}

function covers(deviation: Deviation, vector: VectorCase, file: VectorFile): boolean {
  const tags = vector.tags ?? []
  return tags.includes('reference-quirk') && deviation.primitive === file.primitive && deviation.applies(tags, vector)
}

function describe({ passed, failed, deliberate, pending }: Tally): string {
  const sums = `${passed} passed, ${failed} failed, ${deliberate} deliberate`
  return pending > 0 ? `${sums}, ${pending} pending` : sums
}

function describeDetails(verdicts: readonly Verdict[]): string {
  const named = verdicts.flatMap((verdict) => {
    if (verdict.kind === 'deliberate') return [verdict.deviation.name]
    return verdict.kind === 'pending' ? [`needs ${verdict.feature}`] : []
  })
  const counts = new Map<string, number>()
  for (const name of named) counts.set(name, (counts.get(name) ?? 0) + 1)
  const parts = [...counts].map(([name, count]) => `${name}: ${count}`)
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 2).join(' ').slice(0, 400)
}

async function main(): Promise<void> {
  const directory = process.argv[2] ?? PUBLIC_VECTORS
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    console.error(`conformance: ${directory} is not a directory of vectors`)
    process.exitCode = 1
    return
  }
  const tally = await runDirectory(directory, console.log)
  if (tally.failed > 0 || tally.passed === 0) process.exitCode = 1
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main()
