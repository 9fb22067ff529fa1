import { Icon } from '../parts/Icon.js'
import { usePageDispatch, useView } from '../store/store.js'
import { threadChosen } from '../store/view.js'

/** Says that only the sessions of one thread are listed, and ends that. */
export function ThreadFilter() {
  const { threadId } = useView()
  const dispatch = usePageDispatch()
  if (threadId === null) return null
  return (
    <div className="filter">
      <span className="cut">
        thread <strong>{threadId}</strong>
      </span>
      <button
        type="button"
        className="button plain square"
        aria-label="Show sessions of all threads"
        onClick={() => dispatch(threadChosen(null))}
      >
        <Icon name="close" />
      </button>
    </div>
  )
}
