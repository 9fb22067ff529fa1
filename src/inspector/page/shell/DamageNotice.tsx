import { useRun } from '../data/logs.js'
import { plural } from '../format.js'
import { Icon } from '../parts/Icon.js'

/** Above everything: not all of the log is shown. */
export function DamageNotice() {
  const { damage, head } = useRun()
  if (damage === null) return null
  return (
    <p className="damage" role="alert">
      <Icon name="failed" /> Only the {plural(head, 'fact')} before the damage can be shown: {damage}
    </p>
  )
}
