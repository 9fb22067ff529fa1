export { createManualClock, settle, type ManualClock } from './manualClock.js'
export { createTestRuntime, openTestRuntime, type TestRuntime, type TestRuntimeOptions } from './testRuntime.js'
export {
  scriptedModel,
  type AskOptions,
  type ScriptedModel,
  type ScriptedModelOptions,
  type ScriptedModels,
} from './scriptedModel.js'
export type { AnswerStep, ChunksStep, FailureStep, ModelCall, ModelStep, ScriptStep } from './modelSteps.js'
export { modelFailure, type ModelFailureKind, type ModelFailureOptions } from './modelFailure.js'
export { ScriptEndedError, ScriptNotDoneError } from './scriptErrors.js'
