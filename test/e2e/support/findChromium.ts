import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { chromium } from 'playwright-core'

export interface Machine {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether there is a file at a path. */
  readonly exists: (path: string) => boolean
  /** Where Playwright would keep a browser of its own. */
  readonly playwrightPath: string
}

const thisMachine: Machine = {
  platform: process.platform,
  env: process.env,
  exists: existsSync,
  playwrightPath: chromium.executablePath(),
}

const COMMANDS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']

const HOW_TO_GET_IT = `The end-to-end tests need Chromium, and install nothing by themselves. To get it:
  Debian, Ubuntu  sudo apt-get install chromium
  macOS           brew install --cask google-chrome
  Windows         winget install Google.Chrome
  anywhere        npx playwright install chromium
Or set CHROMIUM_PATH to a Chromium, Chrome or Edge that is already there.`

/**
 * The path of a Chromium, Chrome or Edge of this machine.
 *
 * @throws {Error} There is none, or none where the environment variable `CHROMIUM_PATH` says. The message tells how to get one.
 */
export function findChromium(machine: Machine = thisMachine): string {
  const { env, exists } = machine
  const given = env['CHROMIUM_PATH']
  if (given) {
    if (exists(given)) return given
    throw new Error(`CHROMIUM_PATH is ${given}, and there is no such file.\n${HOW_TO_GET_IT}`)
  }
  const found = usualPaths(machine).find(exists)
  if (found === undefined) throw new Error(`No Chromium was found.\n${HOW_TO_GET_IT}`)
  return found
}

function usualPaths({ platform, env, playwrightPath }: Machine): string[] {
  if (platform === 'darwin') return [...MAC_APPS.flatMap((app) => [app, `${env['HOME'] ?? ''}${app}`]), playwrightPath]
  if (platform === 'win32') return [...windowsPaths(env), playwrightPath]
  const folders = [...(env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin']
  return [...COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command))), playwrightPath]
}

const MAC_APPS = ['Chromium', 'Google Chrome', 'Microsoft Edge'].map(
  (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
)

function windowsPaths(env: Machine['env']): string[] {
  const programs = [env['PROGRAMFILES'], env['PROGRAMFILES(X86)'], env['LOCALAPPDATA']].filter(
    (root) => root !== undefined,
  )
  const apps = [
    'Chromium\\Application\\chrome.exe',
    'Google\\Chrome\\Application\\chrome.exe',
    'Microsoft\\Edge\\Application\\msedge.exe',
  ]
  return apps.flatMap((app) => programs.map((root) => `${root}\\${app}`))
}
