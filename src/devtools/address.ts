/** Where `redux-agent-runtime devtools` listens, and `connectDevTools` looks for it. */
export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = 8790
