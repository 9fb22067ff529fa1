import { chromium, type Browser, type BrowserContext, type LaunchOptions } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { CHROMIUM_FLAGS } from './chromiumFlags.js'
import { findChromium } from './findChromium.js'

/**
 * Starts the Chromium of this machine, without a window. Whoever starts it closes it.
 *
 * @throws {Error} There is none. The message tells how to get one.
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch(launchOptions())
}

/**
 * Starts it for the length of a test, with a profile that stays: what its pages store is on the disk.
 *
 * @param folder - Of the profile. The next browser that is started with it finds what this one has stored.
 */
export async function launchProfile(folder: string): Promise<BrowserContext> {
  const context = await chromium.launchPersistentContext(folder, launchOptions())
  onTestFinished(() => context.close())
  return context
}

function launchOptions(): LaunchOptions {
  return { executablePath: findChromium(), headless: true, args: CHROMIUM_FLAGS }
}
