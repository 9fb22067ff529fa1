import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../support/chromium.js'
import { openPage } from '../support/openPage.js'
import { servePage } from '../support/servePage.js'

describe('an agent in a page, with its log in IndexedDB', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  it('takes up its thread when the page is reloaded, and asks no model twice [IDB-14]', async () => {
    const { page } = await openPage(browser)
    const called: string[] = []
    let answerEssay = false
    await page.exposeFunction('callModel', (prompt: string) => {
      called.push(prompt)
      if (prompt === 'outline' || answerEssay) return `an ${prompt}`
      return new Promise(() => undefined)
    })
    const url = await servePage(new URL('./agentPage.ts', import.meta.url))
    await page.goto(url)
    await expect.poll(() => called).toEqual(['outline', 'essay'])
    answerEssay = true
    await page.reload()
    await page.getByText('an outline, an essay for $6.00').waitFor()
    expect(called).toEqual(['outline', 'essay', 'essay'])
    await page.reload()
    await page.getByText('an outline, an essay for $6.00').waitFor()
    expect(called).toHaveLength(3)
  })
})
