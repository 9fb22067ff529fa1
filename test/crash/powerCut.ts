import { readFileSync, truncateSync } from 'node:fs'

/**
 * What a machine that loses power may leave of a JSONL log: everything up to the last fact that somebody was told is durable, and of
 * the rest any part, also a part of a line.
 *
 * @returns How many bytes were lost.
 */
export function cutPower(path: string, promisedSeq: number, random: () => number): number {
  const bytes = readFileSync(path)
  let kept = -1
  // The header is a line too.
  for (let line = 0; line <= promisedSeq; line += 1) kept = bytes.indexOf(0x0a, kept + 1)
  const loseable = bytes.length - (kept + 1)
  const lost = Math.floor(random() * (loseable + 1))
  truncateSync(path, bytes.length - lost)
  return lost
}
