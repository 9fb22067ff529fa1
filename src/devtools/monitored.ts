import { ActionCreators, INIT_ACTION } from '@redux-devtools/instrument'
import type { Action, Reducer } from '@reduxjs/toolkit'
import type { History, HistoryStore } from './history.js'
import type { Message } from './messages.js'
import type { DevToolsSettings } from './options.js'
import { reportOf } from './report.js'
import { steeringOf } from './steering.js'
import { exportOf, transferOf, type Transfer } from './transfer.js'

/** What a store's side of the conversation needs. */
interface Surroundings {
  readonly history: HistoryStore
  readonly reducer: Reducer<unknown, Action>
  readonly instanceId: string
  readonly send: (message: Message) => void
  readonly isCongested: () => boolean
  /** Calls back soon, outside of what runs now. */
  readonly soon: (callback: () => void) => void
  readonly later: (callback: () => void) => void
}

/** A store that pages look at. It tells them what happened while one listens, and does what they want. */
export class MonitoredStore {
  readonly #settings: DevToolsSettings
  readonly #at: Surroundings
  #isListenedTo = false
  #isScheduled = false
  /** What the pages show. */
  #told: History | undefined

  constructor(settings: DevToolsSettings, surroundings: Surroundings) {
    this.#settings = settings
    this.#at = surroundings
  }

  /** To be called when the store has changed. Nothing is looked at in the middle of what changed it. */
  readonly changed = (): void => {
    if (!this.#isListenedTo || this.#isScheduled) return
    this.#isScheduled = true
    this.#at.soon(this.#report)
  }

  /** Does what a page wants. What fails is told to the page, not to the program. */
  answer(message: Message): void {
    try {
      this.#answer(message)
    } catch (error) {
      this.#tellError(error)
    }
  }

  /** Nobody listens any more: the program goes on as if nobody had. */
  release(): void {
    if (!this.#isListenedTo) return
    this.#isListenedTo = false
    this.#told = undefined
    try {
      this.#letGo()
    } catch {
      // A subscriber of the store threw, and there is nobody to tell.
    }
  }

  #letGo(): void {
    const { history } = this.#at
    const { isLocked, isPaused, skippedActionIds } = this.#history()
    if (isLocked) history.dispatch(ActionCreators.lockChanges(false))
    if (isPaused) history.dispatch(ActionCreators.pauseRecording(false))
    else for (const id of skippedActionIds) history.dispatch(ActionCreators.toggleAction(id))
    const last = this.#history().stagedActionIds.length - 1
    if (this.#history().currentStateIndex !== last) history.dispatch(ActionCreators.jumpToState(last))
  }

  #answer(message: Message): void {
    if (message.type === 'START') return this.#start()
    if (message.type === 'STOP' || message.type === 'DISCONNECTED') return this.release()
    // What is not meant for one store cannot be meant for this one.
    if (message['instanceId'] !== this.#at.instanceId) return
    if (message.type === 'DISPATCH') this.#steer(message['action'])
    if (message.type === 'IMPORT') this.#import(transferOf(String(message['state'])))
    if (message.type === 'EXPORT') this.#send(exportOf(this.#history()))
    if (message.type === 'ACTION') this.#dispatch(message['action'])
  }

  #start(): void {
    this.#isListenedTo = true
    this.#told = undefined
    this.#report()
  }

  #steer(wanted: unknown): void {
    const action = steeringOf(wanted, this.#history())
    if (action) this.#at.history.dispatch(action)
    // The page shows already what it wanted.
    else this.#start()
  }

  /** What is too much for the history is a part of the state that it begins with. */
  #import({ actions, committedState }: Transfer): void {
    const { reducer, history } = this.#at
    const excess = Math.max(0, actions.length + 1 - this.#settings.maxAge)
    const preloadedState =
      excess === 0 ? committedState : [INIT_ACTION, ...actions.slice(0, excess)].reduce(reducer, committedState)
    history.dispatch({ ...ActionCreators.importState(actions.slice(excess)), preloadedState })
  }

  #dispatch(text: unknown): void {
    const { dispatch } = this.#settings
    if (!dispatch) throw new Error('connectDevTools({ dispatch }) is needed to dispatch actions from here')
    const action = JSON.parse(String(text)) as Action
    if (typeof action.type !== 'string') throw new Error('an action needs a type')
    dispatch(action)
  }

  readonly #report = (): void => {
    this.#isScheduled = false
    if (!this.#isListenedTo) return
    if (this.#at.isCongested()) {
      this.#isScheduled = true
      return this.#at.later(this.#report)
    }
    const now = this.#history()
    const before = this.#told
    this.#told = now
    try {
      for (const message of reportOf(before, now, this.#settings)) this.#send(message)
    } catch (error) {
      this.#tellError(error)
    }
  }

  #tellError(error: unknown): void {
    this.#send({ type: 'ERROR', payload: error instanceof Error ? error.message : 'something was thrown' })
  }

  #send(message: Message): void {
    const { name, dispatch } = this.#settings
    const features = { ...FEATURES, dispatch: dispatch !== undefined }
    this.#at.send({ ...message, name, instanceId: this.#at.instanceId, libConfig: { name, features } })
  }

  #history(): History {
    return this.#at.history.getState()
  }
}

/** What the page offers. `custom`: it asks the program. */
const FEATURES = {
  lock: true,
  export: 'custom',
  import: 'custom',
  persist: false,
  pause: true,
  reorder: true,
  jump: true,
  skip: true,
  sync: false,
  test: false,
}
