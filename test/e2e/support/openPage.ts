import type { Browser, BrowserContext, Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

export interface OpenPage {
  readonly page: Page
  /** What went wrong in the page so far. The test fails of what is still here when it ends. */
  readonly problems: readonly string[]
  /** Takes the problems that a test provokes, so that it does not fail of them. */
  takeProblems(): string[]
  /** Of requests that would have left this machine. None has: they were aborted. */
  readonly outsideUrls: readonly string[]
}

/**
 * Opens a page for the length of a test, with a storage of its own. Uncaught errors, errors on the console and requests to anything but
 * this machine fail the test. To be called inside of a test.
 *
 * @param within - A context instead of a browser: the page shares the storage of its other pages, as tabs do.
 */
export async function openPage(within: Browser | BrowserContext): Promise<OpenPage> {
  const isContext = 'pages' in within
  const context = isContext ? within : await within.newContext()
  const page = await context.newPage()
  const problems: string[] = []
  const outsideUrls: string[] = []
  onTestFinished(async () => {
    await (isContext ? page.close() : context.close())
    if (problems.length > 0) throw new Error(`in the page:\n${problems.join('\n')}`)
  })
  watchErrors(page, problems)
  await keepInside(page, (url) => {
    outsideUrls.push(url)
    problems.push(`a request left the page: ${url}`)
  })
  return { page, problems, outsideUrls, takeProblems: () => problems.splice(0) }
}

function watchErrors(page: Page, problems: string[]): void {
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`))
  page.on('crash', () => problems.push('the page crashed'))
  page.on('console', (message) => {
    // What was aborted is told as a request already.
    if (message.type() === 'error' && isInside(message.location().url)) problems.push(`console: ${message.text()}`)
  })
}

async function keepInside(page: Page, onOutside: (url: string) => void): Promise<void> {
  const isOutside = (url: URL) => !isInside(url.href)
  await page.route(isOutside, (route) => {
    onOutside(route.request().url())
    return route.abort()
  })
  await page.routeWebSocket(isOutside, (socket) => {
    onOutside(socket.url())
    void socket.close()
  })
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

function isInside(url: string): boolean {
  if (!/^(https?|wss?):/.test(url)) return true // data:, blob: and about: go nowhere
  return LOOPBACK.has(new URL(url).hostname)
}
