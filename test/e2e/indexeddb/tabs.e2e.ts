import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { rejection } from '../../support/runtime.js'
import { launchChromium, launchProfile } from '../support/chromium.js'
import { openPage } from '../support/openPage.js'
import { servePage } from '../support/servePage.js'
import type {} from './logPage.js'

describe('a log in IndexedDB', () => {
  let browser: Browser
  let context: BrowserContext
  let url: string
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  beforeEach(async () => {
    context = await browser.newContext()
    onTestFinished(() => context.close())
    url = await servePage(new URL('./logPage.ts', import.meta.url))
  })

  async function openTab(within = context): Promise<Page> {
    const { page } = await openPage(within)
    await page.goto(url)
    return page
  }

  it('has one writer: another tab is refused, until the first is closed [IDB-3]', async () => {
    const [first, second] = [await openTab(), await openTab()]
    await first.evaluate(() => window.logPage.open())
    await first.evaluate(() => window.logPage.append())
    expect(await rejection(second.evaluate(() => window.logPage.open()))).toMatchObject({
      message: saying('log_locked'),
    })
    await first.close()
    await second.evaluate(() => window.logPage.open())
    await second.evaluate(() => window.logPage.append())
    expect(await second.evaluate(() => window.logPage.seqs())).toEqual([1, 2])
  })

  it('lets another tab read while one writes [IDB-3]', async () => {
    const [writer, reader] = [await openTab(), await openTab()]
    await writer.evaluate(() => window.logPage.open())
    await writer.evaluate(() => window.logPage.append())
    await reader.evaluate(() => window.logPage.open({ readOnly: true }))
    await writer.evaluate(() => window.logPage.append())
    expect(await reader.evaluate(() => window.logPage.seqs())).toEqual([1])
    expect(await writer.evaluate(() => window.logPage.seqs())).toEqual([1, 2])
  })

  it('goes on in a page that is reloaded, and keeps its facts [IDB-3, IDB-12]', async () => {
    const page = await openTab()
    for (let load = 1; load <= 5; load += 1) {
      await page.evaluate(() => window.logPage.open())
      await page.evaluate(() => window.logPage.append())
      expect(await page.evaluate(() => window.logPage.seqs())).toHaveLength(load)
      await page.reload()
    }
  })

  it('has what was durable when its page crashes [IDB-12]', async () => {
    const { page, takeProblems } = await openPage(context)
    await page.goto(url)
    await page.evaluate(() => window.logPage.open())
    await page.evaluate(() => window.logPage.append())
    const crash = page.waitForEvent('crash')
    await page.goto('chrome://crash').catch(() => undefined)
    await crash
    expect(takeProblems()).toContain('the page crashed')
    const next = await openTab()
    await next.evaluate(() => window.logPage.open())
    expect(await next.evaluate(() => window.logPage.seqs())).toEqual([1])
  })

  it('has what was durable when the whole browser is killed [IDB-12]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'profile-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const killed = await launchProfile(folder)
    const page = await openTab(killed)
    await page.evaluate(() => window.logPage.open())
    for (let count = 0; count < 20; count += 1) await page.evaluate(() => window.logPage.append())
    const closed = killed.waitForEvent('close')
    const session = await killed.browser()!.newBrowserCDPSession()
    await session.send('Browser.crash').catch(() => undefined)
    await closed
    const next = await launchProfile(folder)
    const again = await openTab(next)
    await again.evaluate(() => window.logPage.open())
    expect(await again.evaluate(() => window.logPage.seqs())).toHaveLength(20)
  })

  it('is unavailable when there is no room, and goes on later [IDB-6]', async () => {
    const page = await openTab()
    await limitStorage(page, 300_000)
    await page.evaluate(() => window.logPage.open())
    await page.evaluate(() => window.logPage.append())
    const failed = { message: saying('log_unavailable because of QuotaExceededError') }
    expect(await rejection(page.evaluate(() => window.logPage.append('x'.repeat(1_000_000))))).toMatchObject(failed)
    expect(await rejection(page.evaluate(() => window.logPage.append()))).toMatchObject(failed)
    await page.reload()
    await page.evaluate(() => window.logPage.open())
    await page.evaluate(() => window.logPage.append())
    expect(await page.evaluate(() => window.logPage.seqs())).toEqual([1, 2])
  })

  it('rejects a snapshot that finds no room, and goes on [IDB-6]', async () => {
    const page = await openTab()
    await limitStorage(page, 300_000)
    await page.evaluate(() => window.logPage.open())
    await page.evaluate(() => window.logPage.append())
    expect(await rejection(page.evaluate(() => window.logPage.saveSnapshot('x'.repeat(1_000_000))))).toMatchObject({
      message: saying('log_unavailable because of QuotaExceededError'),
    })
    await page.evaluate(() => window.logPage.append())
    expect(await page.evaluate(() => window.logPage.seqs())).toEqual([1, 2])
  })

  it('says that it cannot be opened in a page that may keep nothing [IDB-1]', async () => {
    const { page } = await openPage(context)
    await page.route(url, async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { 'content-security-policy': 'sandbox allow-scripts' } })
    })
    await page.route('**/page.js', async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), 'access-control-allow-origin': '*' } })
    })
    await page.goto(url)
    expect(await rejection(page.evaluate(() => window.logPage.open()))).toMatchObject({
      message: saying('log_unavailable because of SecurityError'),
    })
    expect(await rejection(page.evaluate(() => window.logPage.open({ readOnly: true })))).toMatchObject({
      message: saying('log_unavailable because of SecurityError'),
    })
  })
})

const saying = (text: string) => expect.stringContaining(text) as unknown

/** How many bytes the site of a page may keep. Before anything is kept: browsers remember for a while how much room there was. */
async function limitStorage(page: Page, quotaSize: number): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Storage.overrideQuotaForOrigin', { origin: new URL(page.url()).origin, quotaSize })
}
