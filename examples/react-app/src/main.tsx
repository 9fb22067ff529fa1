import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createApp } from './app/createApp.js'
import { NewsroomPage } from './components/NewsroomPage.js'
import { NotOpened } from './components/NotOpened.js'

/** Only what is not React is made here, once for each load of the page: StrictMode and fast refresh double components, not agents. */
async function start(): Promise<void> {
  const root = createRoot(elementOf('app'))
  try {
    // A production build has no trace of it.
    const devTools = import.meta.env.DEV ? await import('./devtools/index.js') : undefined
    const monitors = devTools?.createDevToolsInPage()
    const app = await createApp(monitors)
    monitors?.mount(elementOf('devtools'), app.store, app.runtime)
    root.render(
      <StrictMode>
        <NewsroomPage app={app} />
      </StrictMode>,
    )
  } catch (error) {
    root.render(<NotOpened error={error} />)
  }
}

function elementOf(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (!element) throw new Error(`index.html has no #${id}`)
  return element
}

void start()
