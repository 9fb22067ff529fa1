import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { openPage } from '../support/openPage.js'

/** The inspector in a browser, by what people call its parts. */
export interface InspectorPage {
  readonly page: Page
  readonly slider: Locator
  readonly sessions: Locator
  readonly threads: Locator
  readonly waterfall: Locator
  readonly state: Locator
  readonly changes: Locator
  /** The fact that the slider stands at, as it is written. */
  seq(): Promise<number>
  tab(name: string): Locator
  /** Waits until the slider stands at a fact. */
  at(seq: number): Promise<void>
  takeProblems(): string[]
}

/** @param hash - What to look at: `session=session-2&fact=34`. */
export async function openInspector(browser: Browser, url: string, hash = ''): Promise<InspectorPage> {
  const { page, takeProblems } = await openPage(browser)
  await page.goto(hash === '' ? url : `${url}&${hash}`)
  await page.getByRole('heading', { name: 'Inspector' }).waitFor()
  const position = page.getByTestId('position')
  const seq = async () => Number((await position.textContent())?.replace(/ of .*/, '').replaceAll(',', ''))
  return {
    page,
    slider: page.getByRole('slider', { name: 'Fact' }),
    sessions: page.getByRole('grid', { name: 'Sessions', exact: true }),
    threads: page.getByRole('grid', { name: 'Threads' }),
    waterfall: page.getByRole('listbox', { name: /^What session-/ }),
    state: page.getByRole('tree', { name: 'State' }),
    changes: page.getByRole('list', { name: 'Changes of the state' }),
    seq,
    tab: (name) => page.getByRole('tab', { name }),
    at: (wanted) => expect.poll(seq).toBe(wanted),
    takeProblems,
  }
}

/** The cells of the rows that are in the page. */
export async function cellsOf(grid: Locator): Promise<string[][]> {
  const rows = await grid.locator('[role="row"]:has([role="gridcell"])').all()
  return Promise.all(rows.map((row) => row.getByRole('gridcell').allInnerTexts()))
}

/** What a tree shows at a path: `turns/started`. */
export async function valueAt(tree: Locator, path: string): Promise<string> {
  const row = tree.locator(`[data-path="/${path}"] .tree-value`)
  return (await row.textContent()) ?? ''
}
