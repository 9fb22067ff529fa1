import type { Counts } from './counts.js'

const LABELS: Readonly<Record<keyof Counts, string>> = {
  campaigns: 'campaigns: 3 threads each, to their end',
  lives: 'processes started',
  kills: 'killed with SIGKILL',
  tornTails: 'torn tails cut',
  powerCuts: 'power cuts: undurable bytes lost',
  calls: 'calls the server received',
  duplicates: '  of them again',
  inFlight: '  in flight when a process ended',
  endedUnanswered: 'turns ended in the log without their answer',
  acknowledged: 'acknowledged answers, none lost',
  facts: 'facts in the logs',
}

/** A row for each count, a column for each store. */
export function formatTable(columns: Readonly<Record<string, Counts>>): string {
  const header = `${''.padEnd(46)}${Object.keys(columns)
    .map((name) => name.padStart(9))
    .join('')}`
  const lines = Object.entries(LABELS).map(([key, label]) => {
    const cells = Object.values(columns).map((counts) => String(counts[key as keyof Counts]).padStart(9))
    return `${label.padEnd(46)}${cells.join('')}`
  })
  return [header, ...lines].join('\n')
}
