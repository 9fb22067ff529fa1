export { createManualClock, settle, type ManualClock } from './manualClock.js'
export { createTestRuntime, openTestRuntime, type TestRuntime, type TestRuntimeOptions } from './testRuntime.js'
export {
  scriptedModel,
  type AskOptions,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedModels,
} from './model/scriptedModel.js'
export type { AnswerStep, ChunksStep, FailureStep, ModelCall, ModelStep, ScriptStep } from './model/modelSteps.js'
export { modelFailure, type ModelFailureKind, type ModelFailureOptions } from './model/modelFailure.js'
export { ScriptEndedError, ScriptNotDoneError } from './model/scriptErrors.js'
export { givenFacts, type GivenContext, type GivenFacts, type GivenOptions } from './given/givenFacts.js'
export type { Expectations } from './given/expectations.js'
export type { FactPattern } from './given/factPattern.js'
export { elapsed, type Elapsed, type Given } from './given/stampFacts.js'
export {
  recordRun,
  replayRun,
  type RecordRunOptions,
  type RunFixture,
  type RunFixtureOptions,
} from './runs/runFixture.js'
export type {
  CallOutcome,
  CallQuestion,
  RecordedCall,
  RecordedChunk,
  RecordedFailure,
  RecordedRun,
} from './runs/recordedRun.js'
export { FixtureDivergedError, FixtureNotRecordableError, type RunDivergence } from './runs/fixtureErrors.js'
export {
  actionLog,
  type ActionLog,
  type ActionLogOptions,
  type ActionSource,
  type LoggedAction,
  type LoggedSession,
} from './actionLog/actionLog.js'
export { actionLogSerializer, transcript } from './actionLog/transcript.js'
export { expectReplayStable, type ReplayStableOptions } from './expectReplayStable.js'
export { matchActionLog, type ActionLogMatch, type ExpectedActions } from './actionLog/matchActionLog.js'
