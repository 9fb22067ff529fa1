import type { Browser } from 'playwright-core'
import type { devToolsOptions } from 'redux-agent-runtime'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMonitors, openNewsroom } from './newsroom/newsroom.js'
import { serveNewsroom, type Served } from './newsroom/serveNewsroom.js'
import { launchChromium } from './support/chromium.js'

let browser: Browser
let served: Served

beforeAll(async () => {
  browser = await launchChromium()
  served = await serveNewsroom()
})

afterAll(async () => {
  await browser.close()
  await served.close()
})

/** A page with a story that waits for its approval, and the monitors open. */
async function openWithStory(timeTravel: 'wait' | 'reject' = 'wait') {
  const newsroom = await openNewsroom(browser, served.url, { timeTravel })
  await newsroom.start()
  await newsroom.approve.waitFor()
  return { newsroom, monitors: await openMonitors(newsroom), calls: () => newsroom.modelCalls.textContent() }
}

describe('Redux DevTools in the page', () => {
  it('names actions so that they can be told apart, and shows sessions by id [APP-11]', async () => {
    const { newsroom, monitors } = await openWithStory()
    await monitors.row('agents/turns/completed · session-1 turn-1 · 2,490 tokens').waitFor()
    await monitors.row('agents/tools/started · session-1 tool-1 · lookUp').click()
    await newsroom.page.getByTestId('inspector').getByText('session-1:').first().waitFor()
    await monitors.tab('State')
    const state = await newsroom.page.getByTestId('inspector').innerText()
    expect(state).toContain('agents')
    expect(state).not.toMatch(/\b(root|depth|buckets)\b/)
  })

  it('jumps to an earlier action: the page follows, nobody is called, and it comes back [APP-12]', async () => {
    const { newsroom, monitors, calls } = await openWithStory()
    await monitors.jump('agents/turns/started · session-1 turn-1')
    await newsroom.banner.waitFor()
    expect(await newsroom.sessions.count()).toBe(1)
    expect(await newsroom.approve.count()).toBe(0)
    expect(await newsroom.call('session-1/turn-1').getAttribute('data-outcome')).toBe('running')
    await newsroom.button('Go live').click()
    await newsroom.approve.waitFor()
    expect(await newsroom.banner.count()).toBe(0)
    expect(await newsroom.sessions.count()).toBe(2)
    expect(await calls()).toBe('3')
  })

  it('lets nobody decide in the past [APP-13]', async () => {
    const { newsroom, monitors } = await openWithStory()
    await monitors.jump('agents/turns/started · session-2 turn-2')
    await newsroom.banner.waitFor()
    expect(await newsroom.button('Cancel session-2').isDisabled()).toBe(true)
    await newsroom.button('Go live').click()
    await newsroom.button('Cancel session-2').click()
    await newsroom.page.locator('[data-session="session-2"][data-status="cancelled"]').waitFor()
  })

  it('skips an action: what it did is taken out of the state, and back again [APP-14]', async () => {
    const { newsroom, monitors, calls } = await openWithStory()
    const cost = newsroom.page.getByTestId('total-cost')
    await monitors.skip('agents/turns/completed · session-1 turn-1')
    await cost.getByText('$0.04').waitFor()
    await newsroom.banner.waitFor()
    await monitors.skip('agents/turns/completed · session-1 turn-1')
    await cost.getByText('$0.06').waitFor()
    expect(await newsroom.banner.count()).toBe(0)
    expect(await calls()).toBe('3')
    await newsroom.approve.click()
    await newsroom.page.getByText('published', { exact: true }).waitFor()
  })

  it('comes back from a skip without taking it back [APP-14]', async () => {
    const { newsroom, monitors } = await openWithStory()
    await monitors.skip('agents/turns/completed · session-1 turn-1')
    await newsroom.button('Go live').click()
    await newsroom.page.getByTestId('total-cost').getByText('$0.06').waitFor()
    await newsroom.approve.click()
    await newsroom.page.getByText('published', { exact: true }).waitFor()
  })

  it('imports the log of another run and shows it, without calling anybody [APP-15]', async () => {
    const { monitors: exporting } = await openWithStory()
    const path = await (await exporting.exportLog()).path()
    const newsroom = await openNewsroom(browser, served.url)
    const monitors = await openMonitors(newsroom)
    await monitors.importLog(path)
    await newsroom.approve.waitFor()
    await newsroom.banner.waitFor()
    expect(await newsroom.approve.isDisabled()).toBe(true)
    expect(await newsroom.sessions.count()).toBe(2)
    await monitors.jump('agents/turns/started · session-1 turn-1')
    expect(await newsroom.approve.count()).toBe(0)
    await newsroom.button('Go live').click()
    await newsroom.banner.waitFor({ state: 'detached' })
    expect(await newsroom.sessions.count()).toBe(0)
    expect(await newsroom.modelCalls.textContent()).toBe('0')
    await newsroom.start()
    await newsroom.approve.waitFor()
    expect(await newsroom.modelCalls.textContent()).toBe('3')
  })

  it('comes back from another run to its own story, which goes on [APP-15]', async () => {
    const { newsroom, monitors, calls } = await openWithStory()
    const path = await (await monitors.exportLog()).path()
    await newsroom.approve.click()
    await newsroom.start('the sun')
    await newsroom.page.getByText('session-4 wants to').waitFor()
    await monitors.importLog(path)
    await newsroom.page.getByText('session-2 wants to').waitFor()
    await newsroom.button('Go live').click()
    await newsroom.page.getByText('session-4 wants to').waitFor()
    expect(await newsroom.page.locator('[data-call]').count()).toBe(9)
    await newsroom.approve.click()
    await newsroom.page.locator('[data-session="session-4"][data-status="completed"]').waitFor()
    expect(await calls()).toBe('6')
  })

  it('comes back from a past that was committed, or swept clean [APP-19]', async () => {
    const { newsroom, monitors, calls } = await openWithStory()
    await monitors.skip('agents/turns/started · session-1 turn-1')
    await newsroom.page.getByText('Sweep', { exact: true }).click()
    await newsroom.banner.waitFor()
    await monitors.jump('agents/sessions/opened · session-1')
    await newsroom.page.getByText('Commit', { exact: true }).click()
    expect(await newsroom.sessions.count()).toBe(1)
    await newsroom.button('Go live').click()
    await newsroom.approve.click()
    await newsroom.page.getByText('published', { exact: true }).waitFor()
    expect(await newsroom.page.locator('[data-call]').count()).toBe(5)
    expect(await calls()).toBe('3')
  })

  it('lets a call end that was in flight; the next one waits, says so, and is made when it is live again [APP-16]', async () => {
    const newsroom = await openNewsroom(browser, served.url, { pace: 3_000 })
    const monitors = await openMonitors(newsroom)
    await newsroom.start()
    await newsroom.call('session-1/turn-1').waitFor()
    const warned = newsroom.page.waitForEvent('console', (message) => message.text().includes('Calls are made once'))
    await monitors.jump('agents/sessions/opened · session-1')
    await monitors.row('agents/turns/completed · session-1 turn-1').waitFor()
    expect((await warned).text()).toMatch(
      /^the store shows the state after fact \d+, and the log is at fact \d+\. Calls/,
    )
    expect(await newsroom.call('session-1/turn-1').count()).toBe(0)
    expect(await newsroom.modelCalls.textContent()).toBe('1')
    await newsroom.button('Go live').click()
    await newsroom.approve.waitFor()
    expect(await newsroom.modelCalls.textContent()).toBe('3')
  })

  it('lets a story that is started in the past wait [APP-16]', async () => {
    const { newsroom, monitors, calls } = await openWithStory()
    await monitors.jump('agents/sessions/opened · session-1')
    await newsroom.start('the sun')
    await newsroom.page.getByText('waits until the store is live again').waitFor()
    expect(await calls()).toBe('3')
    await newsroom.button('Go live').click()
    await newsroom.page.locator('[data-session="session-3"]').waitFor()
    await newsroom.page.getByText('session-4 wants to').waitFor()
    expect(await calls()).toBe('6')
  })

  it('rejects calls in the past, if that is asked for [APP-17]', async () => {
    const { newsroom, monitors, calls } = await openWithStory('reject')
    await monitors.jump('agents/sessions/opened · session-1')
    await newsroom.start('the sun')
    await newsroom.alert.getByText('the store shows the state after fact').waitFor()
    expect(await calls()).toBe('3')
    await newsroom.button('Go live').click()
    await newsroom.approve.waitFor()
    expect(await newsroom.sessions.count()).toBe(2)
    await newsroom.start('the sun')
    await newsroom.page.getByText('session-4 wants to').waitFor()
  })

  it('moves through actions with the slider [APP-12]', async () => {
    const { newsroom, calls } = await openWithStory()
    await newsroom.page.keyboard.press('Control+BracketLeft')
    await newsroom.page.keyboard.press('Control+BracketLeft')
    await newsroom.banner.waitFor()
    await newsroom.page.keyboard.press('Control+BracketRight')
    await newsroom.page.keyboard.press('Control+BracketRight')
    await newsroom.banner.waitFor({ state: 'detached' })
    expect(await calls()).toBe('3')
  })
})

describe('the Redux DevTools extension', () => {
  it('is connected instead of the monitors in the page, with readable states and actions [APP-18]', async () => {
    const context = await browser.newContext()
    await context.addInitScript(pretendExtension)
    const newsroom = await openNewsroom(context, served.url)
    expect(await newsroom.button('Redux DevTools').count()).toBe(0)
    const shown = await newsroom.page.evaluate(() => {
      const { name, actionSanitizer, stateSanitizer } = (globalThis as unknown as WithOptions).devToolsOptions
      const meta = { seq: 1, at: 0, stream: '@runtime', v: 1 }
      const { type } = actionSanitizer({ type: 'agents/breakers/reset', payload: { name: 'api' }, meta })
      return { name, type, state: stateSanitizer({ agents: { seq: 0 } }) }
    })
    expect(shown).toEqual({ name: 'Newsroom', type: 'agents/breakers/reset · api', state: { agents: { seq: 0 } } })
    await context.close()
  })
})

interface WithOptions {
  devToolsOptions: ReturnType<typeof devToolsOptions>
}

/** What the extension puts into a page, as far as Redux Toolkit asks for it. Keeps the options that it is given. */
function pretendExtension(): void {
  type Enhancer = (next: unknown) => unknown
  Object.assign(globalThis, {
    __REDUX_DEVTOOLS_EXTENSION__: () => undefined,
    __REDUX_DEVTOOLS_EXTENSION_COMPOSE__: (options: unknown) => {
      Object.assign(globalThis, { devToolsOptions: options })
      return (...enhancers: Enhancer[]) =>
        (createStore: unknown) =>
          enhancers.reduceRight((next, enhance) => enhance(next), createStore)
    },
  })
}
