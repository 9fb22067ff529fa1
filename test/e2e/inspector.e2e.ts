import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diff, formatCost, replay, selectorsOf, whatIf, type Fact } from '../../src/index.js'
import { run } from '../cli/run.js'
import { cellsOf, openInspector, valueAt } from './inspector/inspectorPage.js'
import { recordMorning, writeLog } from './inspector/recordedOffice.js'
import { serveInspector, type Served } from './inspector/serveInspector.js'
import { launchChromium } from './support/chromium.js'

describe('the inspector', () => {
  let browser: Browser
  let folder: string
  let path: string
  let facts: readonly Fact[]
  let served: Served

  beforeAll(async () => {
    browser = await launchChromium()
    folder = await mkdtemp(join(tmpdir(), 'inspector-'))
    path = join(folder, 'morning.jsonl')
    facts = await recordMorning()
    await writeLog(path, facts)
    served = await serveInspector([path])
  })

  afterAll(async () => {
    expect(await served.close()).toBe(0)
    await browser.close()
    await rm(folder, { recursive: true })
  })

  const open = (hash?: string) => openInspector(browser, served.url, hash)

  it('lists sessions and threads with the numbers that the command ls tells [PAGE-1]', async () => {
    const { page, sessions, threads, tab } = await open()
    const told = JSON.parse((await run(['ls', path, '--json'])).stdout) as Listed
    const costs = (entries: Listed['sessions']) => entries.map(({ costUsd }) => formatCost(costUsd))
    const rows = await cellsOf(sessions)
    expect(rows.map(([, session]) => session)).toEqual(
      told.sessions.map(({ sessionId, role }) => `${sessionId} ${role}`),
    )
    expect(rows.map(([, , turns]) => turns)).toEqual(told.sessions.map(({ turns }) => String(turns)))
    expect(rows.map(([, , , cost]) => cost)).toEqual(costs(told.sessions))
    for (const { sessionId, status } of told.sessions) {
      const row = sessions.getByRole('row', { name: new RegExp(`${sessionId} `) })
      await row.getByRole('img', { name: status.replaceAll('_', ' ') }).waitFor()
    }
    await tab('Threads').click()
    const threadRows = await cellsOf(threads)
    expect(threadRows.map(([, thread, , cost]) => [thread, cost])).toEqual(
      told.threads.map(({ threadId, costUsd }) => [threadId, formatCost(costUsd)]),
    )
    await threads.getByRole('row', { name: /launch-post-b/ }).dblclick()
    await page.getByText('3 sessions, ').waitFor()
    expect((await cellsOf(sessions)).map(([, session]) => session)).toEqual([
      'session-12 planner',
      'session-13 writer',
      'session-14 reviewer',
    ])
  })

  it('sorts sessions by the head of a column, and finds them by words [PAGE-2]', async () => {
    const { page, sessions } = await open()
    const cost = sessions.getByRole('columnheader', { name: 'Cost' })
    await cost.getByRole('button').click()
    expect(await cost.getAttribute('aria-sort')).toBe('descending')
    expect((await cellsOf(sessions))[0]?.[1]).toBe('session-13 writer')
    await cost.getByRole('button').click()
    expect((await cellsOf(sessions))[0]?.[1]).toBe('session-15 clerk')
    await page.getByRole('searchbox', { name: 'Search' }).fill('failed support')
    await page.getByText('1 session, ').waitFor()
    expect((await cellsOf(sessions)).map(([, session]) => session)).toEqual(['session-9 support'])
  })

  it('shows one session as a waterfall of turns, tools, recoveries, gates, handoffs and approvals [PAGE-3]', async () => {
    const { waterfall } = await open('session=session-2&fact=34')
    await waterfall.getByRole('option', { selected: true }).waitFor()
    await waterfall.evaluate((list) => list.scrollTo(0, 0))
    const names = await waterfall.getByRole('option').evaluateAll((rows) => rows.map((row) => row.ariaLabel ?? ''))
    expect(names.slice(0, 9)).toMatchInlineSnapshot(`
      [
        "session writer/draft, completed, handoff to reviewer, 27.1 s, $0.07",
        "handoff from planner, completed, session-1",
        "turn turn-1 · north-large, completed, 2.60 s, $0.04",
        "tool deleteSite, refused, role 'writer' has workspace_write but tool requires full_access",
        "turn turn-2 · north-large, completed, 4.30 s, $0.02",
        "call call 1, failed, llm_error, 400 ms",
        "recovery llm_error, completed, recovered, retry_with_backoff, 2.00 s",
        "call call 2, completed, 1.90 s",
        "turn turn-3 · north-large, failed, dependency_failed, 7.20 s",
      ]
    `)
    expect(await waterfall.getByRole('option', { selected: true }).getAttribute('aria-label')).toMatch(
      /^call call 3, failed/,
    )
    await waterfall.press('End')
    await waterfall.getByRole('option', { name: /^gate standard, completed/ }).waitFor()
    await waterfall.getByRole('option', { name: /^policy .*completed/ }).waitFor()
    await waterfall.getByRole('option', { name: /^approval request-1 .*3.50 s/ }).waitFor()
    await waterfall.getByRole('option', { name: /^handoff .*reviewer/ }).waitFor()
  })

  it('moves through facts by keys, and state, diff and chart follow [PAGE-4]', async () => {
    const { page, slider, state, changes, at, tab } = await open('session=session-2&fact=0')
    await slider.focus()
    await page.getByText('session-2 is not known at this fact').waitFor()
    await page.keyboard.press('End')
    await at(facts.length)
    await page.keyboard.press('Home')
    await at(0)
    await page.keyboard.press('PageUp')
    await at(10)
    for (const key of ['ArrowRight', 'ArrowUp', 'PageUp', 'ArrowLeft']) await page.keyboard.press(key)
    await at(21)
    for (const seq of [21, 22, 23, 24, 25, 26]) {
      await at(seq)
      const then = replay(facts, { until: seq })
      const { turns } = selectorsOf(then, 0).summary('session-2')
      await expect.poll(() => valueAt(state, 'turns/started')).toBe(String(turns.started))
      const paid = formatCost(selectorsOf(then, 0).totals().costUsd)
      expect(await page.getByTestId('paid').textContent()).toBe(paid)
      await page.getByRole('img', { name: `Cost: ${paid} of $0.31 paid until fact ${seq}` }).waitFor()
      expect(await page.locator('.chart-now').getAttribute('data-place')).toBe(String(seq))
      await page.keyboard.press('ArrowRight')
    }
    await at(27)
    await page.keyboard.press('ArrowLeft')
    await tab('Diff').click()
    await changes.getByText('completed').first().waitFor()
    const told = await changes.getByRole('listitem').allInnerTexts()
    expect(told.map((text) => text.replaceAll(/\s+/g, ' ')).slice(0, 3)).toMatchInlineSnapshot(`
      [
        "sessions › session-2 › turns › completed 1 2 changed",
        "sessions › session-2 › tokens › input 3800 5000 changed",
        "sessions › session-2 › tokens › output 1900 2800 changed",
      ]
    `)
    await tab('Fact').click()
    expect(await valueAt(page.getByRole('tree', { name: 'Fact' }), 'type')).toBe('"turns/completed"')
  })

  it('moves to where the chart is clicked, and to the facts of a row of the waterfall [PAGE-5]', async () => {
    const { page, slider, waterfall, at, seq } = await open('session=session-2&fact=20')
    const plot = page.locator('.chart .u-over')
    const { width = 0 } = (await plot.boundingBox()) ?? {}
    await plot.click({ position: { x: width / 2, y: 20 } })
    await expect.poll(async () => Math.abs((await seq()) - facts.length / 2)).toBeLessThanOrEqual(1)
    await waterfall.press('End')
    await waterfall.getByRole('option', { name: /^tool tool-1/ }).click()
    await at(40)
    await page.keyboard.press('Enter')
    await at(41)
    await page.keyboard.press('ArrowDown')
    await at(42)
    await page.keyboard.press('Home')
    expect(await waterfall.getByRole('option', { selected: true }).getAttribute('aria-posinset')).toBe('1')
    expect(await slider.inputValue()).toBe(String(await seq()))
  })

  it('plays fact by fact, pauses, and stops at the end [PAGE-6]', async () => {
    const { page, at } = await open('session=session-2&fact=170')
    await page.clock.install({ time: 0 })
    await page.clock.pauseAt(3_600_000)
    await page.getByRole('button', { name: 'Play' }).click()
    await page.clock.runFor(1_000)
    await at(174)
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.clock.runFor(5_000)
    await at(174)
    await page.getByRole('button', { name: 'Play' }).click()
    await page.clock.runFor(10_000)
    await at(facts.length)
    await page.getByRole('button', { name: 'Play' }).waitFor()
  })

  it('steps through the facts of the session only, when it is told to [PAGE-7]', async () => {
    const { page, at, slider } = await open('session=session-4&fact=58')
    await page.getByText('Session', { exact: true }).last().click()
    const own = facts.filter(({ payload }) => (payload as { sessionId?: string }).sessionId === 'session-4')
    expect(await slider.getAttribute('max')).toBe(String(own.length))
    for (const { meta } of own.slice(1, 4)) {
      await page.keyboard.press('Shift+ArrowRight')
      await at(meta.seq)
    }
    await page.getByText('session-4 spent').waitFor()
    await page.getByText('budget', { exact: true }).first().waitFor()
  })

  it('shows how breakers and the budget stood at the current fact [PAGE-8]', async () => {
    const { page, at, slider } = await open('session=session-2&fact=33')
    const breaker = page.locator('.lane', { hasText: 'breaker north' })
    const value = () => breaker.locator('.lane-value').textContent()
    await expect.poll(value).toBe('closed')
    await slider.press('ArrowRight')
    await at(34)
    await expect.poll(value).toBe('open')
    await page
      .getByRole('img', { name: 'Circuit breaker north: closed, then open, then half open, then closed' })
      .waitFor()
    await page.getByRole('img', { name: 'Budget: $0.06 of $0.15 spent' }).waitFor()
  })

  it('compares two runs, and jumps to where they part [PAGE-9]', async () => {
    const { page, tab } = await open('a=0:thread:launch-post&b=0:thread:launch-post-b')
    await tab('Compare').click()
    const sides = { a: { threadId: 'launch-post' }, b: { threadId: 'launch-post-b' } }
    const { firstDivergence, facts: aligned, cost } = await diff(facts, facts, sides)
    const list = page.getByRole('listbox', { name: 'Facts of both' })
    const first = list.getByRole('option', { name: /^first divergence: changed/ })
    await first.waitFor()
    expect(await first.getAttribute('aria-posinset')).toBe(String((firstDivergence?.index ?? 0) + 1))
    const differ = aligned.filter(({ kind }) => kind !== 'same').length
    await page.getByText(`${differ} of ${aligned.length} facts differ`).waitFor()
    await page.getByText(firstDivergence?.path ?? '', { exact: true }).waitFor()
    await page.getByRole('row', { name: `Cost ${formatCost(cost.a)} ${formatCost(cost.b)}` }).waitFor()

    await list.focus()
    await page.keyboard.press('End')
    await expect.poll(() => first.count()).toBe(0)
    await page.getByRole('button', { name: 'First divergence' }).click()
    await first.waitFor()
    expect(await first.getAttribute('aria-selected')).toBe('true')
    await page.getByRole('checkbox', { name: 'Only differences' }).check()
    expect(await list.getByRole('option').first().getAttribute('aria-setsize')).toBe(String(differ))
    const seq = firstDivergence?.b?.seq ?? 0
    await page.getByRole('button', { name: `Open fact ${seq} of B` }).click()
    await page.getByRole('heading', { name: /^session-13/ }).waitFor()
    expect(await page.getByTestId('position').textContent()).toMatch(new RegExp(`^${seq} `))
  })

  it('tells what other prices, budgets and limits would have come to [PAGE-10]', async () => {
    const { page, tab } = await open()
    await tab('What if').click()
    await page.getByRole('textbox', { name: 'Budget of a session' }).fill('0.04')
    await page.getByRole('textbox', { name: 'Out of north-large' }).fill('30')
    await page.keyboard.press('Enter')
    const price = { inputPerMillion: 3, outputPerMillion: 30, cacheReadPerMillion: 0.3, cacheWritePerMillion: 3.75 }
    const { totals, sessions } = whatIf(facts, { budgetUsd: 0.04, pricing: { 'north-large': price } })
    const answer = page.getByRole('status', { name: 'All sessions' })
    await answer.waitFor()
    const text = (await answer.innerText()).replaceAll(/\s+/g, ' ')
    expect(text).toContain(`Cost ${formatCost(totals.costUsd.changed)} `)
    expect(text).toContain(`Stopped ${totals.stopped} of ${totals.sessions} sessions`)
    const [{ sessions: stopped } = { sessions: 0 }] = totals.stoppedBy.filter(({ rule }) => rule === 'budget_exceeded')
    expect(text).toContain(`${stopped} sessions stopped by budget exceeded`)
    expect(text).toContain(`${totals.stopped - stopped} sessions not reached`)
    const rows = await cellsOf(page.getByRole('grid', { name: 'Sessions that would have been otherwise' }))
    expect(rows.map(([session, , , , changed]) => [session, changed])).toEqual(
      sessions.map(({ sessionId, costUsd }) => [sessionId, formatCost(costUsd.changed)]),
    )
    await page.getByRole('textbox', { name: 'Budget of a session' }).fill('much')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('budgetUsd').waitFor()
  })
})

interface Listed {
  readonly sessions: readonly {
    readonly sessionId: string
    readonly role: string
    readonly status: string
    readonly turns: number
    readonly costUsd: number
  }[]
  readonly threads: readonly { readonly threadId: string; readonly costUsd: number }[]
}
