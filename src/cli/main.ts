#!/usr/bin/env node
import { outputOf, untilInterrupted } from './io.js'
import { openLogFile } from './openLog.js'
import { main } from './program.js'

process.exitCode = await main(process.argv.slice(2), {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  env: process.env,
  now: Date.now,
  openLog: openLogFile,
  interrupted: untilInterrupted,
})
