import { describe, expect, it } from 'vitest'
import { createPatternGuardrail, InvalidArgumentError, type PatternGuardrailOptions } from '../../src/index.js'
import { called, returned } from './subjects.js'

const raw = String.raw

describe('a pattern guardrail', () => {
  it('is named pattern, runs before and after, and leaves it to the runtime which calls those are', () => {
    const guardrail = createPatternGuardrail({ patterns: ['x'] })
    expect(guardrail).toMatchObject({ name: 'pattern', stages: ['pre', 'post'] })
    expect(guardrail).not.toHaveProperty('appliesTo')
  })

  it('takes a name, stages and kinds of calls [GUARD-1]', () => {
    const options = { name: 'no_shell', stages: ['pre'], appliesTo: ['tool', 'turn'] } as const
    expect(createPatternGuardrail({ patterns: ['x'], ...options })).toMatchObject(options)
  })

  it('blocks a call by its name, whatever the case, and says what it found and where [GUARD-9]', () => {
    const guardrail = createPatternGuardrail({ patterns: ['shell'] })
    expect(guardrail.check(called('run_Shell'))).toEqual({
      allowed: false,
      reason: "matched deny pattern at position 4: 'Shell'",
      match: { position: 4, matched: 'Shell' },
    })
    expect(guardrail.check(called('read_file'))).toEqual({ allowed: true })
  })

  it('looks inside the input after the name [GUARD-9]', () => {
    const guardrail = createPatternGuardrail({ patterns: [raw`rm\s+-rf`, 'sudo'] })
    const input = { command: ['bash', '-c', 'cd / && rm -rf .'] }
    expect(guardrail.check(called('run', input))).toMatchObject({ match: { position: 8, matched: 'rm -rf' } })
    expect(guardrail.check(called('sudo_run', input))).toMatchObject({ match: { position: 0, matched: 'sudo' } })
  })

  it('finds nothing in an input that was not given', () => {
    const guardrail = createPatternGuardrail({ patterns: ['undefined', '^$'] })
    expect(guardrail.check(called('run'))).toEqual({ allowed: true })
    expect(guardrail.check(returned(undefined))).toEqual({ allowed: true })
  })

  it('looks only at what was returned once the call is over', () => {
    const guardrail = createPatternGuardrail({ patterns: ['fetch_page', 'example'] })
    expect(guardrail.check(returned('fine'))).toEqual({ allowed: true })
    expect(guardrail.check(returned('an example'))).toMatchObject({ allowed: false })
  })

  it('allows everything at a stage that is not its own', () => {
    expect(createPatternGuardrail({ patterns: ['a'], stages: ['post'] }).check(called('a'))).toEqual({ allowed: true })
    expect(createPatternGuardrail({ patterns: ['a'], stages: ['pre'] }).check(returned('a'))).toEqual({ allowed: true })
  })

  it('takes the leftmost match, and the earlier pattern of two that begin together [GUARD-9]', () => {
    const check = (patterns: string[]) => createPatternGuardrail({ patterns }).check(returned('drop the table'))
    expect(check(['table', 'the'])).toMatchObject({ match: { position: 5, matched: 'the' } })
    expect(check(['dr', 'drop'])).toMatchObject({ match: { position: 0, matched: 'dr' } })
    expect(check(['drop', 'dr'])).toMatchObject({ match: { position: 0, matched: 'drop' } })
  })

  it('keeps the groups of each pattern to itself', () => {
    const patterns = ['(a)(?<name>b)', raw`(?<name>z)\1`]
    expect(createPatternGuardrail({ patterns }).check(returned('buzz'))).toMatchObject({ match: { position: 2 } })
  })

  it('takes regular expressions with the flags that change their meaning, and gives the same answer each time', () => {
    const guardrail = createPatternGuardrail({ patterns: [/a.\p{Nd}/gsu] })
    for (let time = 0; time < 3; time += 1) {
      expect(guardrail.check(returned('xx A\n٣'))).toMatchObject({ match: { position: 3 } })
    }
  })

  it('keeps the reason short when the match is long [GUARD-9]', () => {
    const verdict = createPatternGuardrail({ patterns: ['x+'] }).check(returned('x'.repeat(5_000)))
    expect(verdict).toMatchObject({ reason: `matched deny pattern at position 0: '${'x'.repeat(77)}...'` })
    expect(verdict).toMatchObject({ match: { matched: 'x'.repeat(5_000) } })
  })

  it.each<[string, PatternGuardrailOptions]>([
    ['patterns', { patterns: [] }],
    ['patterns', { patterns: 'sh' as never }],
    ['patterns[1]', { patterns: ['a', ''] }],
    ['patterns[0]', { patterns: new Array<string>(1) }],
    ['patterns[0]', { patterns: [new RegExp('')] }],
    ['patterns[0]', { patterns: [5 as never] }],
    ['patterns[1]', { patterns: ['a', 'b)|(?:c'] }],
    ['name', { patterns: ['a'], name: ' ' }],
    ['name', { patterns: ['a'], name: 5 as never }],
    ['stages', { patterns: ['a'], stages: [] }],
    ['stages[1]', { patterns: ['a'], stages: ['pre', 'mid' as never] }],
    ['appliesTo', { patterns: ['a'], appliesTo: [] }],
    ['appliesTo[0]', { patterns: ['a'], appliesTo: ['agent' as never] }],
    ['patterns', {} as never],
    ['pattern', { patterns: ['a'], pattern: 'b' } as never],
    ['options', null as never],
  ])('names %s when that is not usable', (field, options) => {
    expect(() => createPatternGuardrail(options)).toThrow(expect.objectContaining({ code: 'invalid_argument', field }))
    expect(() => createPatternGuardrail(options)).toThrow(InvalidArgumentError)
  })

  it('names the options that are known when one is not', () => {
    expect(() => createPatternGuardrail({ patterns: ['a'], stage: 'pre' } as never)).toThrow(
      'stage is not a known option, known are patterns, name, stages, appliesTo',
    )
  })

  it('keeps stages of its own', () => {
    const stages: ('pre' | 'post')[] = ['pre']
    const guardrail = createPatternGuardrail({ patterns: ['a'], stages })
    stages[0] = 'post'
    expect(guardrail.check(called('a'))).toMatchObject({ allowed: false })
  })
})
