import { findChromium } from './findChromium.js'

// Prints where Chromium is, or ends with an error that says how to get it.
console.log(findChromium())
