import { describe, expect, it } from 'vitest'
import { findChromium, type Machine } from './support/findChromium.js'

describe('finding Chromium', () => {
  const machine = (files: readonly string[], given: Partial<Machine> = {}): Machine => ({
    platform: 'linux',
    env: { PATH: '/opt/bin:/usr/bin' },
    playwrightPath: '/playwright/chrome',
    exists: (path) => files.includes(path),
    ...given,
  })

  it('takes what CHROMIUM_PATH names before all others', () => {
    const env = { CHROMIUM_PATH: '/mine/chrome' }
    expect(findChromium(machine(['/mine/chrome', '/usr/bin/chromium'], { env }))).toBe('/mine/chrome')
  })

  it('refuses a CHROMIUM_PATH where nothing is', () => {
    const env = { CHROMIUM_PATH: '/mine/chrome' }
    expect(() => findChromium(machine(['/usr/bin/chromium'], { env }))).toThrow('CHROMIUM_PATH is /mine/chrome, and')
  })

  it.each<[NodeJS.Platform, string]>([
    ['linux', '/opt/bin/google-chrome'],
    ['linux', '/snap/bin/chromium'],
    ['linux', '/playwright/chrome'],
    ['darwin', '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'],
    ['win32', 'C:\\Programs\\Google\\Chrome\\Application\\chrome.exe'],
  ])('looks on %s at %s', (platform, path) => {
    const env = { PATH: '/opt/bin:/usr/bin', PROGRAMFILES: 'C:\\Programs' }
    expect(findChromium(machine([path], { platform, env }))).toBe(path)
  })

  it('says how to get one where there is none', () => {
    expect(() => findChromium(machine([]))).toThrow(/apt-get install chromium[^]*brew[^]*winget[^]*CHROMIUM_PATH/)
  })
})
