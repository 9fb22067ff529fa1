export { connectDevTools } from './connectDevTools.js'
export type { DevToolsEnhancer } from './connect.js'
export type { ConnectDevToolsOptions } from './options.js'
