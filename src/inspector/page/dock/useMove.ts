import { useCallback } from 'react'
import { useStore } from 'react-redux'
import type { Steps } from '../data/position.js'
import type { PageStore } from '../store/store.js'
import { moved } from '../store/view.js'

/** Moves the slider, within its steps. */
export function useMove({ count, seqAt, placeOf }: Steps) {
  const store = useStore() as PageStore
  const to = useCallback(
    (place: number) => void store.dispatch(moved(seqAt(Math.min(Math.max(Math.round(place), 0), count)))),
    [store, count, seqAt],
  )
  const by = useCallback(
    (distance: number) => {
      const seq = store.getState().view.seq ?? seqAt(count)
      const place = placeOf(seq)
      // Between two steps, one step back is the one before.
      to(distance < 0 && seqAt(place) < seq ? place + distance + 1 : place + distance)
    },
    [store, to, placeOf, seqAt, count],
  )
  return { to, by }
}
