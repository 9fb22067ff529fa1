import { Provider } from 'react-redux'
import { AppContext } from '../app/context.js'
import type { App } from '../app/createApp.js'
import { Approvals } from './Approvals.js'
import { Breaker } from './Breaker.js'
import { Model } from './Model.js'
import { Notices } from './Notices.js'
import { Problem } from './Problem.js'
import { Sessions } from './Sessions.js'
import { Spending } from './Spending.js'
import { StartForm } from './StartForm.js'
import { Stories } from './Stories.js'
import { Timeline } from './Timeline.js'
import { TimeTravelBanner } from './TimeTravelBanner.js'

export function NewsroomPage({ app }: { readonly app: App }) {
  return (
    <AppContext value={app}>
      <Provider store={app.store}>
        <header className="masthead">
          <h1>Newsroom</h1>
          <p>A writer drafts, an editor revises, and you decide what is published. Reload whenever you like.</p>
        </header>
        <TimeTravelBanner />
        <main className="columns">
          <div className="column">
            <StartForm />
            <Problem />
            <Approvals />
            <Sessions />
            <Stories />
          </div>
          <div className="column">
            <Spending />
            <Breaker />
            <Model />
            <Timeline />
          </div>
        </main>
        <Notices />
      </Provider>
    </AppContext>
  )
}
