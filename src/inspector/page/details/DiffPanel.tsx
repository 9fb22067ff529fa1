import type { StateChange } from '../../model/index.js'
import { Icon } from '../parts/Icon.js'
import { preview } from '../tree/treeRows.js'

/** What the fact changed of the state, place by place. */
export function DiffPanel({ changes }: { readonly changes: readonly StateChange[] }) {
  if (changes.length === 0) return <p className="empty">This fact changes nothing that is shown</p>
  return (
    <ul className="diff scroll fill" aria-label="Changes of the state" tabIndex={0}>
      {changes.map((change) => (
        <Change key={change.path.join('/')} {...change} />
      ))}
    </ul>
  )
}

function Change({ path, ...sides }: StateChange) {
  const kind = !('before' in sides) ? 'added' : !('after' in sides) ? 'removed' : 'changed'
  return (
    <li className={`change ${kind}`}>
      <p className="change-path mono">
        <span className="faint">{path.slice(0, -1).map((name) => `${name} › `)}</span>
        <strong>{path.at(-1)}</strong>
      </p>
      <p className="change-values mono">
        {'before' in sides ? <del>{preview(sides.before)}</del> : null}
        {kind === 'changed' ? <Icon name="handoff" label="is now" /> : null}
        {'after' in sides ? <ins>{preview(sides.after)}</ins> : null}
        <span className="change-kind">{kind}</span>
      </p>
    </li>
  )
}
