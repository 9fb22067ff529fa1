import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.js'
import { openPage } from '../support/openPage.js'
import { servePage } from '../support/servePage.js'

describe('the core entry, in Chromium', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  it('runs a session in a page', async () => {
    const { page } = await openPage(browser)
    await page.goto(await servePage(new URL('./page.ts', import.meta.url)))
    await page.getByText('a draft for $3').waitFor()
  })

  it('aborts what would leave this machine, and tells of it', async () => {
    const { page, outsideUrls, takeProblems } = await openPage(browser)
    await page.goto(await servePage(new URL('./page.ts', import.meta.url)))
    await page.evaluate(() => fetch('https://example.com/').catch(() => undefined))
    expect(outsideUrls).toEqual(['https://example.com/'])
    expect(takeProblems()).toEqual(['a request left the page: https://example.com/'])
  })

  it('tells of uncaught errors and of errors on the console', async () => {
    const { page, takeProblems } = await openPage(browser)
    await page.goto(await servePage(new URL('./page.ts', import.meta.url)))
    const uncaught = page.waitForEvent('pageerror')
    await page.evaluate(() => {
      console.error('said')
      queueMicrotask(() => {
        throw new Error('thrown')
      })
    })
    await uncaught
    expect(takeProblems()).toEqual(['console: said', expect.stringContaining('thrown')])
  })
})
