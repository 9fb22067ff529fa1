import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { STATE_VERSION } from '../../slices/state.js'
import { replay } from '../../src/index.js'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { openInspector, valueAt } from './inspector/inspectorPage.js'
import { recordMorning, writeLog } from './inspector/recordedOffice.js'
import { serveInspector, type Served } from './inspector/serveInspector.js'
import { launchChromium } from './support/chromium.js'
import { openPage } from './support/openPage.js'

describe("the inspector's page", () => {
  let browser: Browser
  let folder: string
  let path: string
  let served: Served

  beforeAll(async () => {
    browser = await launchChromium()
    folder = await mkdtemp(join(tmpdir(), 'inspector-'))
    path = join(folder, 'morning.jsonl')
    await writeLog(path, await recordMorning())
    served = await serveInspector([path])
  })

  afterAll(async () => {
    await served.close()
    await browser.close()
    await rm(folder, { recursive: true })
  })

  const open = (hash?: string) => openInspector(browser, served.url, hash)

  it('keeps session, fact and panel in its address: reloading and links show the same [PAGE-11]', async () => {
    const { page, slider, tab, at } = await open('session=session-2&fact=30')
    await tab('Diff').click()
    await slider.press('ArrowRight')
    await at(31)
    await page.reload()
    await at(31)
    expect(await tab('Diff').getAttribute('aria-selected')).toBe('true')
    const other = await openInspector(browser, page.url())
    await other.at(31)
    await other.page.getByRole('heading', { name: /^session-2/ }).waitFor()
  })

  it('is light or dark as the machine says, until somebody chooses [PAGE-12]', async () => {
    const { page } = await open()
    const brightness = () =>
      page.evaluate(() => {
        const [red = 0] = getComputedStyle(document.body).backgroundColor.match(/\d+/g)?.map(Number) ?? []
        return red > 128 ? 'light' : 'dark'
      })
    await page.emulateMedia({ colorScheme: 'dark' })
    expect(await brightness()).toBe('dark')
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await brightness()).toBe('light')
    await page.getByRole('button', { name: 'Colours: system. Change to light' }).click()
    await page.getByRole('button', { name: 'Colours: light. Change to dark' }).click()
    await expect.poll(brightness).toBe('dark')
    await page.reload()
    await page.getByRole('button', { name: 'Colours: dark. Change to system' }).waitFor()
    expect(await brightness()).toBe('dark')
  })

  it('is reached by Tab in the order of its parts, shows where the focus is, and holds it nowhere [PAGE-13]', async () => {
    const { page } = await open('session=session-2&fact=34')
    await page.locator(SELECTED).waitFor()
    const seen: string[] = []
    for (let stop = 0; stop < 60; stop += 1) {
      await page.keyboard.press('Tab')
      const [name, isShown] = await page.evaluate(focused)
      if (name === 'body') break
      expect(`${name} ${isShown}`).toBe(`${name} true`)
      seen.push(name)
    }
    expect(seen).toMatchInlineSnapshot(`
      [
        "tab Run",
        "button Keys",
        "button Colours: system. Change to light",
        "tab Sessions15",
        "input Search",
        "grid Sessions",
        "button Status",
        "button Session",
        "button Turns",
        "button Cost",
        "button session-1 planner",
        "button session-3 reviewer",
        "input Time",
        "button Zoom out",
        "button Zoom in",
        "listbox What session-2 did",
        "tab State",
        "input session-2",
        "tree State",
        "button First fact",
        "button Previous fact",
        "button Play",
        "button Next fact",
        "button Last fact",
        "select Facts per second1/s4/s16/s60/s",
        "input Log",
        "input Fact",
      ]
    `)
    await page.keyboard.press('Shift+Tab')
    expect((await page.evaluate(focused))[0]).toBe(seen.at(-1))
  })

  it('opens and closes branches of the state by keys [PAGE-13]', async () => {
    const { page, state } = await open('session=session-2&fact=34')
    await state.focus()
    await page.keyboard.press('Home')
    for (let row = 0; row < 2; row += 1) await page.keyboard.press('ArrowDown')
    const turns = state.getByRole('treeitem', { name: /^turns/ })
    expect(await turns.getAttribute('aria-expanded')).toBe('true')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => turns.getAttribute('aria-expanded')).toBe('false')
    expect(await state.locator('[data-path="/turns/started"]').count()).toBe(0)
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await valueAt(state, 'turns/started')).toBe('3')
    expect(await state.getByRole('treeitem', { selected: true }).getAttribute('aria-level')).toBe('2')
  })

  it('asks nobody but its own server, which allows it nothing else [PAGE-14]', async () => {
    const { page, outsideUrls, takeProblems } = await openPage(browser)
    const hosts = new Set<string>()
    page.on('request', (request) => hosts.add(new URL(request.url()).host))
    const response = await page.goto(served.url)
    for (const name of ['Compare', 'What if', 'Run']) await page.getByRole('tab', { name }).click()
    await page.getByRole('grid', { name: 'Sessions' }).waitFor()
    expect([...hosts]).toEqual([new URL(served.url).host])
    expect(outsideUrls).toEqual([])
    expect(await response?.headerValue('content-security-policy')).toContain("default-src 'self'")
    await page.evaluate(() => fetch('https://example.com').catch(() => undefined))
    await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<style>body { color: red }</style>'))
    expect(await page.evaluate(() => getComputedStyle(document.body).color)).not.toBe('rgb(255, 0, 0)')
    const problems = takeProblems()
    expect(problems.join()).toContain('https://example.com')
    for (const problem of problems) expect(problem).toContain('Content Security Policy')
  })

  it('says so when it cannot compare, and compares again when it is asked to [PAGE-19]', async () => {
    const { page, tab, takeProblems } = await open('a=0:thread:launch-post&b=0:thread:launch-post-b')
    const worker = /\/worker-[^/]*\.js$/
    await page.route(worker, (route) => route.abort())
    await tab('Compare').click()
    await page.getByRole('alert').getByText('The page cannot answer this any more').waitFor()
    takeProblems()
    await page.unroute(worker)
    await page.getByRole('combobox', { name: 'Part of A' }).selectOption('whole log')
    await page.getByRole('option', { name: /^first divergence/ }).waitFor()
  })

  it('shows two logs: each by itself, and where they part [PAGE-18]', async () => {
    const shorter = join(folder, 'shorter.jsonl')
    await writeLog(shorter, (await recordMorning()).slice(0, 100))
    const both = await serveInspector([path, shorter])
    onTestFinished(async () => {
      await both.close()
    })
    const { page, tab, at } = await openInspector(browser, both.url)
    await tab('Compare').click()
    await page.getByRole('option', { name: /^first divergence: only in A/ }).waitFor()
    await page.getByRole('heading', { name: 'Where they part' }).waitFor()
    await tab('Run').click()
    await page.getByRole('combobox', { name: 'Log' }).selectOption({ label: 'B · shorter.jsonl' })
    await page.getByText('100 facts').waitFor()
    await page.getByRole('slider', { name: 'Fact' }).press('End')
    await at(100)
  })

  it('tells how much of a log is read [PAGE-15]', async () => {
    const { page } = await openPage(browser)
    let goOn: () => void = () => undefined
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve))
    await page.route('**/facts', async (route) => {
      await mayGoOn
      await route.continue()
    })
    await page.goto(served.url)
    await page.getByRole('heading', { name: 'Reading morning.jsonl' }).waitFor()
    await page.getByText('0 of 181 facts').waitFor()
    goOn()
    await page.getByRole('grid', { name: 'Sessions' }).waitFor()
    expect(await page.getByRole('progressbar').count()).toBe(0)
  })

  it('says so when a log is empty, or damaged [PAGE-15]', async () => {
    const empty = join(folder, 'empty.jsonl')
    await writeLog(empty, [])
    const damaged = join(folder, 'damaged.jsonl')
    await writeLog(damaged, await recordMorning())
    const [emptyServed, damagedServed] = [await serveInspector([empty]), await serveInspector([damaged])]
    onTestFinished(async () => {
      await Promise.all([emptyServed.close(), damagedServed.close()])
    })
    const { page } = await openInspector(browser, emptyServed.url)
    await page.getByText('The log is empty: nothing has happened yet').waitFor()

    const lines = (await readFile(damaged, 'utf8')).split('\n')
    await writeFile(damaged, lines.filter((_, index) => index !== 50).join('\n'))
    const other = await openPage(browser)
    await other.page.goto(damagedServed.url)
    const alert = other.page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).toContain('the log is damaged at fact 50, line 51')
    other.takeProblems()
  })

  it('shows the facts before the damage, and says where it is [PAGE-20]', async () => {
    const facts = await recordMorning()
    const damaged = join(folder, 'damaged-later.jsonl')
    await writeLog(damaged, facts)
    // With a snapshot, a log is opened without reading the facts before it.
    const log = await openJsonlLog(damaged)
    await log.snapshots.save({ seq: facts.length, stateVersion: STATE_VERSION, state: replay(facts) })
    await log.close()
    const lines = (await readFile(damaged, 'utf8')).split('\n')
    await writeFile(
      damaged,
      lines.map((line, index) => (index === 50 ? line.replace('"at":', '"At":') : line)).join('\n'),
    )
    const damagedServed = await serveInspector([damaged])
    onTestFinished(async () => {
      await damagedServed.close()
    })
    const { page, slider, state, at } = await openInspector(browser, damagedServed.url)
    const told = await page.getByRole('alert').innerText()
    expect(told).toContain('Only the 49 facts before the damage can be shown: the log is damaged at fact 50')
    await slider.press('End')
    await at(49)
    await page.getByText('Everything').click()
    await expect.poll(() => valueAt(state, 'seq')).toBe('49')
  })
})

/** A row of a list, and no option of a menu. */
const SELECTED = '[role="option"][aria-selected="true"]'

/** What has the focus, and whether one can see that. */
function focused(): [name: string, isShown: boolean] {
  const element = document.activeElement
  if (!element || element === document.body) return ['body', true]
  const name = element.ariaLabel ?? element.closest('label')?.textContent ?? element.textContent
  const shown = [element, element.closest('label')].some(
    (part) => part && getComputedStyle(part).outlineStyle !== 'none',
  )
  return [`${element.role ?? element.tagName.toLowerCase()} ${name.trim().replaceAll(/\s+/g, ' ')}`, shown]
}
