import { createSlice, type PayloadAction } from '@reduxjs/toolkit'
import { put, takeEvery } from 'redux-saga/effects'
import { facts, type Fact, type FactPayload } from 'redux-agent-runtime'
import type { Agents } from '../app/createAgents.js'

/** What the page says aloud, newest last. */
export const notices = createSlice({
  name: 'notices',
  initialState: [] as readonly string[],
  reducers: {
    noticeAdded: (state, { payload }: PayloadAction<string>) => [...state, payload].slice(-4),
  },
})

const { noticeAdded } = notices.actions

/** A saga of this app, run by its own saga middleware. It hears the facts of the agents as it hears any action. */
export function* noticesSaga({ matching }: Agents) {
  yield takeEvery(
    matching(facts.sessionOpened),
    announce<Opened>(({ role }) => `The ${role} begins.`),
  )
  yield takeEvery(
    matching(facts.approvalRequested),
    announce(() => 'The editor waits for your approval.'),
  )
  yield takeEvery(
    matching(facts.sessionFailed),
    announce(() => 'A session has failed.'),
  )
  yield takeEvery(
    matching(facts.sessionCancelled),
    announce(() => 'A session was cancelled.'),
  )
  yield takeEvery(
    matching(facts.breakerReset),
    announce(() => 'The circuit breaker is closed again.'),
  )
}

type Opened = FactPayload<typeof facts.sessionOpened>

function announce<Payload>(words: (payload: Payload) => string) {
  return function* ({ payload }: Fact<Payload>) {
    yield put(noticeAdded(words(payload)))
  }
}
