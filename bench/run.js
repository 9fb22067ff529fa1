// @ts-check
import Table from 'cli-table3'

/*
 * npm run bench                       a table
 * npm run bench -- appends resuming   only these scenarios
 * npm run bench -- --json             one JSON object a line
 * npm run bench -- --profile          where the time of a turn goes
 */

// Before anything is imported: libraries read it once.
process.env['NODE_ENV'] = 'production'
const { profile } = await import('./profile.js')
const turns = await import('./scenarios.js')
const durability = await import('./durability.js')
const { inspecting } = await import('./inspector.js')
const options = process.argv.slice(2)

// Memory first: later scenarios leave garbage that would be counted.
/** @type {Record<string, () => Promise<import('./scenarios.js').Figure[]>>} */
const scenarios = {
  memory: turns.memory,
  turnAndBare: turns.turnAndBare,
  lengthOfSession: turns.lengthOfSession,
  lengthOfFullSession: turns.lengthOfFullSession,
  numberOfSessions: turns.numberOfSessions,
  replaySpeed: turns.replaySpeed,
  appends: durability.appends,
  resuming: durability.resuming,
  opening: durability.opening,
  inspecting,
}

/** @type {import('./scenarios.js').Figure[]} */
const figures = []
if (options.includes('--profile')) {
  figures.push(...(await profile(turns.turnAndBare)))
} else {
  const asked = options.filter((option) => !option.startsWith('--'))
  const unknown = asked.find((name) => !(name in scenarios))
  if (unknown !== undefined) throw new Error(`no scenario ${unknown}, known are ${Object.keys(scenarios).join(', ')}`)
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (asked.length === 0 || asked.includes(name)) figures.push(...(await scenario()))
  }
}

if (options.includes('--json')) {
  for (const figure of figures) console.log(JSON.stringify(figure))
} else {
  const table = new Table({
    head: ['measure', 'value', 'unit'],
    colAligns: ['left', 'right', 'left'],
    style: { head: [] },
  })
  for (const { name, value, unit } of figures) table.push([name, value.toLocaleString('en-US'), unit])
  console.log(table.toString())
}
