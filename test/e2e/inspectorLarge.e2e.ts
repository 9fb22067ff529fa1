import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { replay, selectorsOf, type Fact } from '../../src/index.js'
import { openInspector, valueAt } from './inspector/inspectorPage.js'
import { recordMany, writeLog } from './inspector/recordedOffice.js'
import { serveInspector, type Served } from './inspector/serveInspector.js'
import { launchChromium } from './support/chromium.js'

const FACTS = 100_000

describe('the inspector over 100,000 facts', () => {
  let browser: Browser
  let folder: string
  let facts: readonly Fact[]
  let served: Served

  beforeAll(async () => {
    browser = await launchChromium()
    folder = await mkdtemp(join(tmpdir(), 'inspector-'))
    facts = await recordMany(FACTS)
    await writeLog(join(folder, 'many.jsonl'), facts)
    served = await serveInspector([join(folder, 'many.jsonl')])
  }, 180_000)

  afterAll(async () => {
    await served.close()
    await browser.close()
    await rm(folder, { recursive: true })
  })

  it('has only the rows in sight in the page, and the right state at any fact [PAGE-16]', async () => {
    const { page, slider, sessions, state, at } = await openInspector(browser, served.url)
    await at(replay(facts, { until: 0 }).seq + (await firstSessionEnd(facts)))
    const count = () => page.evaluate(() => document.querySelectorAll('*').length)
    expect(Number(await sessions.getAttribute('aria-rowcount'))).toBeGreaterThan(490)
    expect(await count()).toBeLessThan(2_000)

    await sessions.focus()
    await page.keyboard.press('End')
    await sessions.getByRole('row', { selected: true }).waitFor()
    const last = facts.findLast(({ type }) => type === 'sessions/opened') as Fact<{ sessionId: string }>
    await page.getByRole('heading', { name: new RegExp(`^${last.payload.sessionId} `) }).waitFor()

    for (const fact of [last.meta.seq + 7, last.meta.seq + 52, facts.length]) {
      await slider.fill(String(fact))
      await at(fact)
      const { turns, tools } = selectorsOf(replay(facts, { until: fact }), 0).summary(last.payload.sessionId)
      await expect.poll(() => valueAt(state, 'turns/started')).toBe(String(turns.started))
      await expect.poll(() => valueAt(state, 'tools/completed')).toBe(String(tools.completed))
    }
    await page.getByText('Everything').click()
    for (const fact of [1, 50_000, 99_999]) {
      await slider.fill(String(fact))
      await expect.poll(() => valueAt(state, 'seq')).toBe(String(fact))
    }
    expect(await count()).toBeLessThan(2_000)
  })

  it('goes on while all of it is compared [PAGE-19]', async () => {
    const { page, tab, slider, state } = await openInspector(browser, served.url, 'a=0&b=0')
    const result = page.getByText('The same happened in both')
    await tab('Compare').click()
    await page.getByText('Comparing …').waitFor()
    await page.getByRole('button', { name: 'Colours: system. Change to light' }).click()
    await page.getByRole('button', { name: 'Colours: light. Change to dark' }).waitFor()
    expect(await result.count()).toBe(0)
    await tab('Run').click()
    await page.getByText('Everything').click()
    await slider.fill('50000')
    await expect.poll(() => valueAt(state, 'seq')).toBe('50000')
    await tab('Compare').click()
    await result.waitFor()
  })

  it('compares all of it with itself, and asks what if [PAGE-16]', async () => {
    const { page, tab } = await openInspector(browser, served.url, 'a=0&b=0')
    await tab('Compare').click()
    await page.getByText(`The same happened in both: ${facts.length.toLocaleString('en')} facts`).waitFor()
    expect(await page.getByRole('option').count()).toBeLessThan(100)
    await tab('What if').click()
    await page.getByRole('textbox', { name: 'Turns of a session' }).fill('20')
    await page.keyboard.press('Enter')
    await page.getByText(/sessions stopped by max iterations/).waitFor()
    expect(await page.getByRole('row').count()).toBeLessThan(100)
  })
})

/** Where the slider is at first: at the end of the first session. */
async function firstSessionEnd(facts: readonly Fact[]): Promise<number> {
  return facts.find(({ type }) => type === 'sessions/completed')?.meta.seq ?? 0
}
