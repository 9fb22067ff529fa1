import type { QualityLevel } from 'redux-agent-runtime'

const GLOSSARY: Readonly<Record<string, string>> = {
  'event log': 'a list of what happened, in order, that nobody ever rewrites',
}

export function lookUpTerm(term: string): string {
  return GLOSSARY[term] ?? `${term} is not in the glossary`
}

const published: string[] = []

export function publish(text: string): number {
  return published.push(text)
}

/** How good a text is, as far as counting its words can tell. */
export function grade(text: string): QualityLevel {
  const words = text.split(/\s+/).filter(Boolean).length
  return words >= 20 ? 'strict' : words >= 10 ? 'standard' : 'minimal'
}
