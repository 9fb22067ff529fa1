import * as facts from './facts.js'

/** The version in which each type of fact is recorded today. */
export const factVersions: ReadonlyMap<string, number> = new Map(
  Object.values(facts).map((creator) => [creator.type, creator.version]),
)
