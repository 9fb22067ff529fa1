import type { AgentRuntime, Fact } from 'redux-agent-runtime'
import { openIndexedDbLog } from 'redux-agent-runtime/indexeddb'
import { Newsroom } from '../agents/newsroom.js'
import { ScriptedModel } from '../agents/scriptedModel.js'
import type { DevToolsInPage } from '../devtools/index.js'
import { historyRead } from '../host/agentFacts.js'
import { createAgents, type Agents } from './createAgents.js'
import { createStore, type AppStore } from './createStore.js'
import { readAddress } from './readAddress.js'

export interface App {
  readonly agents: Agents
  readonly store: AppStore
  readonly runtime: AgentRuntime
  readonly model: ScriptedModel
  readonly newsroom: Newsroom
  /** Shows the state of the log again, whatever DevTools shows. */
  goLive(): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the log of this browser and goes on with what it holds.
 *
 * @throws {LogLockedError} Another tab has it.
 */
export async function createApp(devTools: DevToolsInPage | undefined): Promise<App> {
  const { whileTimeTravelling, settings } = readAddress()
  const log = await openIndexedDbLog('newsroom')
  const agents = createAgents(log, whileTimeTravelling)
  const store = createStore(agents, { settings, instrument: devTools?.instrument })
  const readHistory = async () => void store.dispatch(historyRead(await all(log.read())))
  await readHistory()
  const runtime = await agents.open(store)
  const model = new ScriptedModel(() => store.getState().model)
  const newsroom = new Newsroom(runtime, model)
  newsroom.resume()
  return {
    ...{ agents, store, runtime, model, newsroom },
    async goLive() {
      devTools?.goToLast(store)
      if (runtime.isLive()) return
      store.dispatch(agents.actions.goLive())
      await readHistory()
    },
    close: () => runtime.close(),
  }
}

async function all(read: AsyncIterable<Fact>): Promise<readonly Fact[]> {
  const facts: Fact[] = []
  for await (const fact of read) facts.push(fact)
  return facts
}
