import { useRun } from '../data/logs.js'
import { JsonTree } from '../tree/JsonTree.js'
import { useOpenPaths } from '../tree/useOpenPaths.js'

const OPEN_AT_FIRST = ['/payload', '/meta', '/payload/usage', '/payload/error', '/payload/admission', '/payload/by']

/** The fact as it is in the log. */
export function FactPanel({ seq }: { readonly seq: number }) {
  const run = useRun()
  const { open, toggle } = useOpenPaths(OPEN_AT_FIRST)
  const fact = run.factAt(seq)
  if (!fact) return <p className="empty">There is no fact before the first one</p>
  return <JsonTree label="Fact" value={fact} open={open} onToggle={toggle} />
}
