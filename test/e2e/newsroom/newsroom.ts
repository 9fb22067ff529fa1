import type { Browser, BrowserContext, Download, Locator, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import { openPage } from '../support/openPage.js'

export interface NewsroomOptions {
  /** How long the model takes, in milliseconds. Default 20. */
  readonly pace?: number
  /** Default `'wait'`. */
  readonly timeTravel?: 'wait' | 'reject'
}

/** What a person can see and do in the example. */
export interface Newsroom {
  readonly page: Page
  readonly modelCalls: Locator
  readonly breaker: Locator
  readonly banner: Locator
  readonly alert: Locator
  readonly approve: Locator
  readonly sessions: Locator
  session(id: string): Locator
  /** Of the timeline. */
  call(id: string): Locator
  button(name: string): Locator
  start(topic?: string): Promise<void>
  reload(): Promise<void>
}

export async function openNewsroom(
  within: Browser | BrowserContext,
  url: string,
  { pace = 20, timeTravel = 'wait' }: NewsroomOptions = {},
): Promise<Newsroom> {
  const { page, takeProblems } = await openPage(within)
  onTestFinished(() => expect(takeProblems().filter(isOfThisPage)).toEqual([]))
  const newsroom = createNewsroom(page)
  await page.goto(`${url}?pace=${pace}&time-travel=${timeTravel}`)
  await newsroom.button('Start').waitFor()
  return newsroom
}

function createNewsroom(page: Page): Newsroom {
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  return {
    page,
    button,
    modelCalls: page.getByTestId('model-calls'),
    breaker: page.getByTestId('breaker'),
    banner: page.getByText('No model is called meanwhile'),
    alert: page.getByRole('alert'),
    approve: button('Approve'),
    sessions: page.locator('[data-session]'),
    session: (id) => page.locator(`[data-session="${id}"]`),
    call: (id) => page.locator(`[data-call="${id}"]`),
    async start(topic = 'the tides') {
      await page.getByLabel('Topic').fill(topic)
      await button('Start').click()
    },
    async reload() {
      await page.reload()
      await button('Start').waitFor()
    },
  }
}

/** The styles of the inspector monitor are not made for server rendering, and say so on the console. */
function isOfThisPage(problem: string): boolean {
  return !problem.includes('potentially unsafe when doing server-side rendering')
}

/** The monitors of Redux DevTools in the example. */
export interface Monitors {
  /** Of the list of actions, by a part of their names: the first one. */
  row(name: string): Locator
  jump(name: string): Promise<void>
  /** Skips an action, or takes that back. */
  skip(name: string): Promise<void>
  tab(name: 'Action' | 'Diff' | 'State'): Promise<void>
  exportLog(): Promise<Download>
  importLog(path: string): Promise<void>
}

export async function openMonitors({ page, button }: Newsroom): Promise<Monitors> {
  await button('Redux DevTools').click()
  const inspector = page.getByTestId('inspector')
  const row = (name: string) => inspector.locator('[data-id]').filter({ hasText: name }).first()
  const press = async (name: string, action: 'Jump' | 'Skip') => {
    await row(name).hover()
    await row(name).getByText(action, { exact: true }).click()
  }
  return {
    row,
    jump: (name) => press(name, 'Jump'),
    skip: (name) => press(name, 'Skip'),
    tab: (name) => inspector.getByText(name, { exact: true }).click(),
    async exportLog() {
      const download = page.waitForEvent('download')
      await button('Export the log').click()
      return download
    },
    importLog: (path) => page.getByLabel('Import a log').setInputFiles(path),
  }
}
