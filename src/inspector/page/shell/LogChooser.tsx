import { useLogs } from '../data/logs.js'
import { usePageDispatch, useView } from '../store/store.js'
import { logChosen } from '../store/view.js'

/** Which of two logs is looked at. */
export function LogChooser() {
  const logs = useLogs()
  const { log } = useView()
  const dispatch = usePageDispatch()
  return (
    <label>
      <span className="hidden-text">Log</span>
      <select className="field" value={log} onChange={({ target }) => dispatch(logChosen(Number(target.value)))}>
        {logs.map(({ log: { index, name } }) => (
          <option key={index} value={index}>
            {'AB'[index]} · {name}
          </option>
        ))}
      </select>
    </label>
  )
}
