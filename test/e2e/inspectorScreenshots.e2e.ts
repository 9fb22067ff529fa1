import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { recordMorning, writeLog } from './inspector/recordedOffice.js'
import { serveInspector, type Served } from './inspector/serveInspector.js'
import { launchChromium } from './support/chromium.js'

const IMAGES = fileURLToPath(new URL('../../docs/images/', import.meta.url))
const SIZE = { width: 1400, height: 900 }

const SHOTS = [
  { file: 'inspector-light.png', colorScheme: 'light', hash: 'session=session-2&fact=39&show=state' },
  { file: 'inspector-dark.png', colorScheme: 'dark', hash: 'session=session-2&fact=34&show=diff&steps=session' },
  {
    file: 'inspector-compare.png',
    colorScheme: 'light',
    hash: 'page=compare&a=0:thread:launch-post&b=0:thread:launch-post-b',
  },
] as const

/** With `UPDATE_SCREENSHOTS=1` they are taken anew. */
describe('the screenshots of the inspector', () => {
  let browser: Browser
  let folder: string
  let served: Served

  beforeAll(async () => {
    browser = await launchChromium()
    folder = await mkdtemp(join(tmpdir(), 'inspector-'))
    const path = join(folder, 'agents.jsonl')
    await writeLog(path, await recordMorning())
    served = await serveInspector([path])
  })

  afterAll(async () => {
    await served.close()
    await browser.close()
    await rm(folder, { recursive: true })
  })

  it.each(SHOTS)('$file shows the page as it is [PAGE-17]', async ({ file, colorScheme, hash }) => {
    const context = await browser.newContext({ viewport: SIZE, colorScheme, reducedMotion: 'reduce' })
    onTestFinished(() => context.close())
    const page = await context.newPage()
    await page.goto(`${served.url}&${hash}`)
    await page.locator('[role="option"][aria-selected="true"]').waitFor()
    if (process.env['UPDATE_SCREENSHOTS'] === '1') {
      await mkdir(IMAGES, { recursive: true })
      await page.screenshot({ path: join(IMAGES, file) })
    }
    expect(sizeOf(await readFile(join(IMAGES, file)))).toEqual(SIZE)
  })
})

/** Of a PNG. */
function sizeOf(png: Buffer): { readonly width: number; readonly height: number } {
  expect(png.subarray(1, 4).toString('latin1')).toBe('PNG')
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) }
}
