import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchAgent, launchDevTools } from './nodeDevtools/launch.js'
import { panelOf } from './nodeDevtools/panel.js'
import { launchChromium } from './support/chromium.js'
import { openPage } from './support/openPage.js'

let browser: Browser

beforeAll(async () => {
  browser = await launchChromium()
})
afterAll(() => browser.close())

const COMPLETED = (turn: number) => `turns/completed · session-1 turn-${turn} · 10 tokens`

/** A page of DevTools, and an agent that has made two turns. */
async function observe() {
  const devTools = await launchDevTools()
  const opened = await openPage(browser)
  await opened.page.goto(devTools.url)
  const panel = panelOf(opened.page)
  const agent = await launchAgent(devTools.port)
  agent.do('turn')
  agent.do('turn')
  const live = await agent.until(({ turns }) => turns === 2)
  await panel.row(COMPLETED(2)).waitFor()
  return { devTools, panel, agent, live, ...opened }
}

describe('Redux DevTools for Node', () => {
  it('shows what an agent does, by names that tell what it is about [DEVN-5, DEVN-12]', async () => {
    const { page, panel } = await observe()
    await panel.row('sessions/opened · session-1').waitFor()
    await panel.row(COMPLETED(1)).click()
    await page.getByText('session-1', { exact: false }).nth(1).waitFor()
  })

  it('jumps: the program shows an earlier state, and nobody is called [DEVN-7]', async () => {
    const { panel, agent, live } = await observe()
    await panel.jump(COMPLETED(1))
    const past = await agent.until(({ isLive }) => !isLive)
    expect(past).toMatchObject({ turns: 1, modelCalls: 2 })
    await panel.jump(COMPLETED(2))
    expect(await agent.until(({ isLive }) => isLive)).toEqual(live)
  })

  it('lets a call wait that is made in the past, until it is live again [DEVN-7]', async () => {
    const { panel, agent } = await observe()
    await panel.jump(COMPLETED(1))
    await agent.until(({ isLive }) => !isLive)
    agent.do('turn')
    const waiting = await agent.until((_, warnings) => warnings.includes('time_travelling'))
    expect(waiting).toMatchObject({ turns: 1, modelCalls: 2 })
    await panel.jump(COMPLETED(2))
    expect(await agent.until(({ turns }) => turns === 3)).toMatchObject({ isLive: true, modelCalls: 3 })
    await panel.row(COMPLETED(3)).waitFor()
  })

  it('skips an action, and takes that back [DEVN-7]', async () => {
    const { panel, agent, live } = await observe()
    await panel.skip(COMPLETED(1))
    expect(await agent.until(({ isLive }) => !isLive)).toMatchObject({ modelCalls: 2 })
    await panel.skip(COMPLETED(1))
    expect(await agent.until(({ isLive }) => isLive)).toEqual(live)
  })

  it('imports an exported log: the program shows that, calls nobody, and goes live again [DEVN-9]', async () => {
    const { panel: exporting } = await observe()
    const path = await (await exporting.exportLog()).path()
    const devTools = await launchDevTools()
    const { page } = await openPage(browser)
    await page.goto(devTools.url)
    const panel = panelOf(page)
    const agent = await launchAgent(devTools.port)
    await panel.row('sessions/opened').waitFor()
    await panel.importLog(path)
    await panel.row(COMPLETED(2)).waitFor()
    expect(await agent.until(({ turns }) => turns === 2)).toMatchObject({ isLive: false, modelCalls: 0 })
    agent.do('goLive')
    expect(await agent.until(({ isLive }) => isLive)).toEqual(agent.first)
    agent.do('turn')
    await agent.until(({ turns }) => turns === 1)
  })

  it('lets the program go on when the page is closed [DEVN-11]', async () => {
    const { page, panel, agent } = await observe()
    await panel.jump(COMPLETED(1))
    await agent.until(({ isLive }) => !isLive)
    await page.goto('about:blank')
    expect(await agent.until(({ isLive }) => isLive)).toMatchObject({ turns: 2 })
  })

  it('finds program and page again when it was started anew, and lists every action once [DEVN-2, DEVN-12]', async () => {
    const { devTools, panel, agent, takeProblems } = await observe()
    expect(await devTools.end()).toBe(0)
    await panel.row(COMPLETED(2)).waitFor({ state: 'detached' })
    await launchDevTools(devTools.port)
    await panel.row(COMPLETED(2)).waitFor()
    agent.do('turn')
    await panel.row(COMPLETED(3)).waitFor()
    expect(await panel.rows(COMPLETED(3)).count()).toBe(1)
    for (const problem of takeProblems()) expect(problem).toContain('ERR_CONNECTION_REFUSED')
  })

  it('keeps no program from its end, and forgets it then [DEVN-2]', async () => {
    const { panel, agent } = await observe()
    expect(await agent.leave()).toBe(0)
    await panel.row(COMPLETED(2)).waitFor({ state: 'detached' })
  })

  it('has settings that work under its content policy, and asks nobody but its own server [DEVN-12, DEVN-14]', async () => {
    const { page, outsideUrls } = await observe()
    await page.getByText('Settings', { exact: true }).click()
    await page.getByText('color scheme').waitFor()
    expect(outsideUrls).toEqual([])
  })
})
