import type { Effect } from 'redux-saga/effects'

/** A saga, or a step of one to compose with `yield*`. */
export type Saga<Result> = Generator<Effect | Promise<unknown>, Result, unknown>

/** Waits for a promise. A value goes through without waiting. */
export function* wait<T>(value: T | PromiseLike<T>): Saga<T> {
  return isPromiseLike(value) ? ((yield value as Promise<T>) as T) : value
}

export function isPromiseLike<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === 'object' && value !== null && typeof (value as PromiseLike<T>).then === 'function'
}
