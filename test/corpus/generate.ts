import { mkdirSync, writeFileSync } from 'node:fs'
import { replay, stateHash, STATE_VERSION, type Fact } from '../../src/index.js'
import { corpusPath, readIndex, readLog, type RecordedLog } from './corpus.js'
import { agent } from './scenarios/agent.js'
import { failures } from './scenarios/failures.js'
import { limits } from './scenarios/limits.js'
import { people } from './scenarios/people.js'
import { resumed } from './scenarios/resumed.js'
import { threads } from './scenarios/threads.js'

/*
 * Records the logs that are missing, and the hashes of their states where there are none for this STATE_VERSION.
 *
 *   npx tsx test/corpus/generate.ts          facts that were recorded stay as they are
 *   npx tsx test/corpus/generate.ts --anew   records all facts anew: only while no version with them was released
 */

const scenarios = { agent, failures, limits, people, resumed, threads }

async function main(isAnew: boolean): Promise<void> {
  mkdirSync(corpusPath(''), { recursive: true })
  const recorded = isAnew ? {} : readIndex().logs
  const logs: Record<string, RecordedLog> = {}
  for (const [name, scenario] of Object.entries(scenarios)) {
    const facts: readonly Fact[] = (isAnew ? undefined : readLog(name)) ?? (await scenario()).facts()
    writeFileSync(corpusPath(`${name}.jsonl`), facts.map((fact) => `${JSON.stringify(fact)}\n`).join(''))
    logs[name] = { facts: facts.length, stateHashes: await hashesOf(name, facts, recorded[name]) }
    console.log(`${name}: ${facts.length} facts`)
  }
  writeFileSync(corpusPath('index.json'), `${JSON.stringify({ logs }, null, 2)}\n`)
}

async function hashesOf(name: string, facts: readonly Fact[], recorded?: RecordedLog) {
  const hash = await stateHash(replay(facts))
  const known = recorded?.stateHashes[STATE_VERSION]
  if (known !== undefined && known !== hash) {
    throw new Error(`${name} gives another state than before: STATE_VERSION ${STATE_VERSION} must become another one`)
  }
  return { ...recorded?.stateHashes, [STATE_VERSION]: hash }
}

await main(process.argv.includes('--anew'))
