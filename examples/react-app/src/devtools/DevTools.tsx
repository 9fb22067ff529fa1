import { createDevTools } from '@redux-devtools/core'
import { Monitors } from './Monitors.js'

/** The official inspector and slider, over what is readable of actions and states. */
export const DevTools = createDevTools(<Monitors />)
