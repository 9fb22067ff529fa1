import { useRef } from 'react'
import { Icon } from '../parts/Icon.js'

const KEYS = [
  ['Tab', 'to the next part; arrows within it'],
  ['Shift ← and Shift →', 'one fact back or on, from everywhere'],
  ['← →', 'on the slider: one fact'],
  ['Page Up, Page Down', 'on the slider: a twentieth of the way'],
  ['Home, End', 'the first or the last, of the slider and of every list'],
  ['↑ ↓', 'in a list: the row before or after'],
  ['Enter', 'in the waterfall: to where the row ends; in the threads: to its sessions'],
  ['← →', 'in a tree: close and open a branch'],
] as const

/** Which keys do what. */
export function KeysHelp() {
  const dialog = useRef<HTMLDialogElement>(null)
  return (
    <>
      <button
        type="button"
        className="button plain square"
        aria-label="Keys"
        title="Keys"
        onClick={() => dialog.current?.showModal()}
      >
        <Icon name="keys" />
      </button>
      <dialog ref={dialog} className="dialog" aria-label="Keys">
        <h2>Keys</h2>
        <dl>
          {KEYS.map(([key, what]) => (
            <div key={`${key} ${what}`}>
              <dt>{key}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </dialog>
    </>
  )
}
