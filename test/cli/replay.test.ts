import { describe, expect, it } from 'vitest'
import { replay } from '../../src/index.js'
import { run, useFolder } from './run.js'
import { tellStory } from './story.js'

describe('replay', () => {
  const files = useFolder()

  it('prints a summary of the state after a fact [CLI-11]', async () => {
    const { code, stdout } = await run(['replay', await files.writeStory(), '--until', '12'])
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "fact      12
      at        2026-01-05 09:00:01Z
      sessions  1 waiting_for_input
      turns     1 iterations, 1 started, 1 completed
      tools     1 attempted, 1 started, 1 completed, 1 blocked
      cost      $0.02
      requests  1 not answered

      model        turns    in  cache read  cache write  out   cost
      small-model      1  1850           0            0  640  $0.02
      "
    `)
  })

  it('prints one session [CLI-11]', async () => {
    const { stdout } = await run(['replay', await files.writeStory(), '--session', 'session-2'])
    expect(stdout).toMatchInlineSnapshot(`
      "session  session-2
      thread   essay
      project  42
      role     editor/review
      status   completed
      opened   2026-01-05 09:01:01Z
      ended    2026-01-05 09:01:02Z
      turns    1 iterations, 1 started, 1 completed
      tools    1 attempted, 1 started, 1 completed
      cost     $0.03

      model        turns   in  cache read  cache write  out   cost
      large-model      1  760         200            0  310  $0.03
      "
    `)
  })

  it('prints the state itself as JSON [CLI-2, CLI-11]', async () => {
    const facts = await tellStory()
    const { stdout } = await run(['replay', await files.write(facts), '--until', '20', '--json', '--content'])
    expect(JSON.parse(stdout)).toEqual(replay(facts, { until: 20 }))
  })

  it('refuses a fact beyond the last and a session that is not there [CLI-4]', async () => {
    const path = await files.writeStory()
    const beyond = await run(['replay', path, '--until', '999'])
    expect([beyond.code, files.tidy(beyond.stderr)]).toEqual([
      2,
      'redux-agent-runtime: --until 999: a.jsonl ends with fact 31\n',
    ])
    const early = await run(['replay', path, '--session', 'session-3', '--until', '9'])
    expect([early.code, early.stderr]).toEqual([
      2,
      'redux-agent-runtime: no session session-3 is in the state after fact 9\n',
    ])
  })
})
