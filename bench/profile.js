// @ts-check
import { Session } from 'node:inspector/promises'

/**
 * Where the time of `work` goes: percent of the samples by who wrote the code that was running.
 *
 * @param {() => Promise<unknown>} work
 */
export async function profile(work) {
  const inspector = new Session()
  inspector.connect()
  await inspector.post('Profiler.enable')
  await inspector.post('Profiler.setSamplingInterval', { interval: 100 })
  await inspector.post('Profiler.start')
  await work()
  const { profile: samples } = await inspector.post('Profiler.stop')
  inspector.disconnect()
  return shares(samples)
}

/** @param {import('node:inspector').Profiler.Profile} samples */
function shares({ nodes, samples = [], timeDeltas = [] }) {
  const owners = new Map(nodes.map(({ id, callFrame }) => [id, ownerOf(callFrame)]))
  /** @type {Map<string, number>} */
  const times = new Map()
  let total = 0
  samples.forEach((id, index) => {
    const owner = owners.get(id) ?? 'unknown'
    const time = timeDeltas[index] ?? 0
    total += time
    times.set(owner, (times.get(owner) ?? 0) + time)
  })
  return [...times]
    .map(([owner, time]) => ({
      name: `profile: ${owner}`,
      value: Number(((100 * time) / total).toPrecision(3)),
      unit: '%',
    }))
    .sort((a, b) => b.value - a.value)
}

const OWNERS = /** @type {const} */ ([
  ['/dist/slices/', 'slices (reducers, rules, selectors)'],
  ['/dist/sagas/', 'sagas (turn, admission, settlement)'],
  ['/dist/src/', 'src (session, log, clock)'],
  ['/@redux-saga/', 'redux-saga'],
  ['/redux-saga/', 'redux-saga'],
  ['/redux/', 'redux'],
  ['/@reduxjs/', 'redux'],
  ['/valibot/', 'valibot'],
  ['/bench/', 'the benchmark itself'],
])

/** @param {{ functionName: string, url: string }} frame */
function ownerOf({ functionName, url }) {
  if (functionName === '(garbage collector)') return 'garbage collection'
  const owner = OWNERS.find(([part]) => url.includes(part))
  return owner?.[1] ?? 'Node'
}
