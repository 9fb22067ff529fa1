// @ts-check
import Table from 'cli-table3'

/*
 * npm run bench                a table
 * npm run bench -- --json      one JSON object a line
 * npm run bench -- --profile   where the time of a turn goes
 */

// Before anything is imported: libraries read it once.
process.env['NODE_ENV'] = 'production'
const scenarios = await import('./scenarios.js')
const { profile } = await import('./profile.js')
const options = process.argv.slice(2)

/** @type {import('./scenarios.js').Figure[]} */
const figures = []
if (options.includes('--profile')) {
  figures.push(...(await profile(scenarios.turnAndBare)))
} else {
  // Memory first: later scenarios leave garbage that would be counted.
  for (const scenario of [
    'memory',
    'turnAndBare',
    'lengthOfSession',
    'lengthOfFullSession',
    'numberOfSessions',
    'replaySpeed',
  ]) {
    figures.push(...(await scenarios[/** @type {keyof typeof scenarios} */ (scenario)]()))
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
