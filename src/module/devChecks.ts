/** For `getDefaultMiddleware` of a host's store. */
export interface DevChecks {
  readonly immutableCheck: { readonly ignoredPaths: string[] }
  readonly serializableCheck: { readonly ignoredPaths: string[]; readonly ignoredActions: string[] }
}

/** What of a module {@link devChecks} looks at. */
interface CheckedModule {
  readonly reducerPath: string
}

/**
 * Keeps the development checks of Redux Toolkit from walking through the states of these modules on every action, which costs 10 ms
 * with 1,000 sessions. Their states are frozen where it matters and JSON throughout; tests of the package hold that.
 *
 * @example
 * middleware: (getDefaultMiddleware) => getDefaultMiddleware(devChecks(agents)).concat(agents.middleware)
 */
export function devChecks(...modules: readonly CheckedModule[]): DevChecks {
  const paths = modules.map(({ reducerPath }) => reducerPath)
  return {
    immutableCheck: { ignoredPaths: paths },
    serializableCheck: {
      ignoredPaths: paths,
      ignoredActions: paths.flatMap((path) => [`${path}/runtime/started`, `${path}/runtime/restored`]),
    },
  }
}
