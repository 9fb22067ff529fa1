export { createManualClock, settle, type ManualClock } from './manualClock.js'
