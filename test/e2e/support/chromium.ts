import { chromium, type Browser } from 'playwright-core'
import { findChromium } from './findChromium.js'

/** Nothing but this machine can be reached, and nothing is fetched in the background. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE [::1]',
]

/**
 * Starts the Chromium of this machine, without a window. Whoever starts it closes it.
 *
 * @throws {Error} There is none. The message tells how to get one.
 */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), headless: true, args: CHROMIUM_FLAGS })
}
