import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openNewsroom, type Newsroom } from './newsroom/newsroom.js'
import { serveBuiltNewsroom, serveNewsroom, type Served } from './newsroom/serveNewsroom.js'
import { launchChromium } from './support/chromium.js'

let browser: Browser

beforeAll(async () => void (browser = await launchChromium()))
afterAll(() => browser.close())

const text = (locator: Locator) => locator.textContent()

/** Waits for an outcome that a call of the timeline has. */
async function outcome({ page }: Newsroom, id: string, name: string): Promise<void> {
  await page.locator(`[data-call="${id}"][data-outcome="${name}"]`).waitFor()
}

async function status({ page }: Newsroom, id: string, name: string): Promise<void> {
  await page.locator(`[data-session="${id}"][data-status="${name}"]`).waitFor()
}

describe('the React example', () => {
  let served: Served
  let url: string

  beforeAll(async () => {
    served = await serveNewsroom()
    url = served.url
  })

  afterAll(() => served.close())

  it('runs a story: a writer hands it to an editor, whose publishing waits for a person [APP-1]', async () => {
    const newsroom = await openNewsroom(browser, url)
    await newsroom.start('the moon')
    await newsroom.approve.waitFor()
    expect(await newsroom.call('session-2/tool-1').count()).toBe(0)
    await newsroom.approve.click()
    await outcome(newsroom, 'session-2/tool-1', 'completed')
    await status(newsroom, 'session-2', 'completed')
    expect(await newsroom.page.locator('[data-call]').count()).toBe(5)
    expect(await text(newsroom.modelCalls)).toBe('3')
    await newsroom.page.getByText('the moon: what we know').waitFor()
    await newsroom.page.getByText('published', { exact: true }).waitFor()
  })

  it('opens each session once, although StrictMode renders everything twice [APP-2]', async () => {
    const newsroom = await openNewsroom(browser, url)
    await newsroom.start()
    await newsroom.approve.waitFor()
    expect(await newsroom.sessions.count()).toBe(2)
    expect(await newsroom.page.getByText('wants to publish').count()).toBe(1)
  })

  it('does not publish what was rejected [APP-3]', async () => {
    const newsroom = await openNewsroom(browser, url)
    await newsroom.start()
    await newsroom.page.getByLabel('Why not').fill('too thin')
    await newsroom.button('Reject').click()
    await status(newsroom, 'session-2', 'completed')
    expect(await newsroom.call('session-2/tool-1').count()).toBe(0)
    expect(await newsroom.page.getByText('published', { exact: true }).count()).toBe(0)
  })

  it('cancels a session, and the call that it waits for [APP-4]', async () => {
    const newsroom = await openNewsroom(browser, url, { pace: 60_000 })
    await newsroom.start()
    await outcome(newsroom, 'session-1/tool-1', 'running')
    await newsroom.button('Cancel session-1').click()
    await status(newsroom, 'session-1', 'cancelled')
    await outcome(newsroom, 'session-1/tool-1', 'cancelled')
    expect(await newsroom.button('Cancel session-1').count()).toBe(0)
    expect(await newsroom.alert.count()).toBe(0)
  })

  it('opens the breaker when the model is down, calls nobody then, and goes on after a reset [APP-5]', async () => {
    const newsroom = await openNewsroom(browser, url)
    await newsroom.page.getByLabel('The model is down').check()
    await newsroom.start()
    await newsroom.breaker.getByText('open').waitFor()
    await newsroom.alert.getByText('the model does not answer').waitFor()
    await newsroom.start()
    await newsroom.alert.getByText("circuit breaker 'model-api' is open").waitFor()
    expect(await text(newsroom.modelCalls)).toBe('3')
    await newsroom.page.getByLabel('The model is down').uncheck()
    await newsroom.button('Reset').click()
    await newsroom.breaker.getByText('closed').waitFor()
    await newsroom.start()
    await newsroom.approve.waitFor()
    expect(await text(newsroom.modelCalls)).toBe('6')
  })

  it('shows what was spent of the budget [APP-6]', async () => {
    const newsroom = await openNewsroom(browser, url)
    await newsroom.start()
    await newsroom.approve.waitFor()
    const meter = newsroom.page.getByRole('meter', { name: 'Spent by session-2' })
    expect(Number(await meter.getAttribute('value'))).toBeCloseTo(0.04245)
    expect(Number(await meter.getAttribute('max'))).toBe(0.08)
    expect(await text(newsroom.session('session-1'))).toContain('$0.02 of $0.08')
    expect(await text(newsroom.page.getByTestId('total-cost'))).toBe('$0.06')
  })

  it('goes on after a reload in the middle of a turn, and repeats only that one [APP-7]', async () => {
    const newsroom = await openNewsroom(browser, url, { pace: 2_500 })
    await newsroom.start('the sun')
    await outcome(newsroom, 'session-2/turn-1', 'running')
    expect(await text(newsroom.modelCalls)).toBe('2')
    await newsroom.reload()
    await newsroom.approve.waitFor()
    expect(await text(newsroom.modelCalls)).toBe('2')
    expect(await newsroom.call('session-1/turn-1').getAttribute('data-outcome')).toBe('completed')
    expect(await newsroom.call('session-2/turn-1').getAttribute('data-outcome')).toBe('interrupted')
    await newsroom.approve.click()
    await status(newsroom, 'session-2', 'completed')
    await newsroom.page.getByText('the sun: what we know').waitFor()
  })

  it('still waits for a person after a reload, and calls the model no more [APP-7]', async () => {
    const newsroom = await openNewsroom(browser, url)
    await newsroom.start()
    await newsroom.approve.waitFor()
    await newsroom.reload()
    await newsroom.approve.waitFor()
    await newsroom.approve.click()
    await status(newsroom, 'session-2', 'completed')
    expect(await text(newsroom.modelCalls)).toBe('0')
    expect(await text(newsroom.page.getByTestId('total-cost'))).toBe('$0.06')
  })

  it('says that it is open in another tab [APP-8]', async () => {
    const context = await browser.newContext()
    await openNewsroom(context, url)
    const page = await context.newPage()
    await page.goto(url)
    await page.getByRole('alert').getByText('another tab').waitFor()
    await context.close()
  })

  it('is used with the keyboard alone [APP-9]', async () => {
    const newsroom = await openNewsroom(browser, url)
    await newsroom.page.getByLabel('Topic').press('Enter')
    await newsroom.approve.waitFor()
    await newsroom.page.keyboard.press('Tab')
    await newsroom.page.keyboard.press('Tab')
    expect(await newsroom.page.evaluate(() => document.activeElement?.textContent)).toBe('Approve')
    await newsroom.page.keyboard.press('Enter')
    await status(newsroom, 'session-2', 'completed')
  })
})

describe('the React example, built', () => {
  let served: Awaited<ReturnType<typeof serveBuiltNewsroom>>

  beforeAll(async () => void (served = await serveBuiltNewsroom()))
  afterAll(() => served.close())

  it('runs, and has no monitors [APP-10]', async () => {
    const newsroom = await openNewsroom(browser, served.url)
    await newsroom.start()
    await newsroom.approve.click()
    await status(newsroom, 'session-2', 'completed')
    expect(await newsroom.button('Redux DevTools').count()).toBe(0)
    const names = (await readdir(join(served.folder, 'assets'))).filter((name) => name.endsWith('.js'))
    expect(names).not.toEqual([])
    for (const name of names) {
      expect(await readFile(join(served.folder, 'assets', name), 'utf8')).not.toMatch(/InspectorMonitor|JUMP_TO_ACTION/)
    }
  })
})
