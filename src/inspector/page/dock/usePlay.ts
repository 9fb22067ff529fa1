import { useEffect, useState } from 'react'

/** Facts a second. */
export const SPEEDS = ['1', '4', '16', '60'] as const
export type Speed = (typeof SPEEDS)[number]

/** Steps on, as long as it plays. */
export function usePlay(by: (distance: number) => void, perSecond: number) {
  const [isPlaying, setPlaying] = useState(false)
  useEffect(() => {
    if (!isPlaying) return
    const timer = setInterval(() => by(1), 1_000 / perSecond)
    return () => clearInterval(timer)
  }, [isPlaying, by, perSecond])
  return { isPlaying, setPlaying }
}
