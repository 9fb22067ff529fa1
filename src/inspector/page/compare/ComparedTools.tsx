import { plural } from '../format.js'
import { Icon } from '../parts/Icon.js'

interface Props {
  readonly count: number
  /** Rows that are not the same. */
  readonly different: readonly number[]
  readonly selected: number
  readonly firstDivergence: number | null
  readonly onSelect: (index: number) => void
  readonly onlyDifferent: boolean
  readonly onOnlyDifferent: (only: boolean) => void
}

export function ComparedTools(props: Props) {
  const { count, different, selected, firstDivergence, onSelect, onlyDifferent, onOnlyDifferent } = props
  const previous = different.findLast((index) => index < selected)
  const next = different.find((index) => index > selected)
  const go = (index: number | undefined) => (index === undefined ? undefined : () => onSelect(index))
  if (firstDivergence === null) {
    return (
      <p className="panel-tools" role="status">
        <span className="status good">
          <Icon name="done" /> The same happened in both: {plural(count, 'fact')}
        </span>
      </p>
    )
  }
  return (
    <div className="panel-tools">
      <button type="button" className="button primary" onClick={() => onSelect(firstDivergence)}>
        First divergence
      </button>
      <button type="button" className="button" aria-disabled={previous === undefined} onClick={go(previous)}>
        <Icon name="up" /> Previous
      </button>
      <button type="button" className="button" aria-disabled={next === undefined} onClick={go(next)}>
        <Icon name="down" /> Next
      </button>
      <label className="check">
        <input type="checkbox" checked={onlyDifferent} onChange={({ target }) => onOnlyDifferent(target.checked)} />
        Only differences
      </label>
      <span className="faint tools-end" role="status">
        {different.length.toLocaleString('en')} of {plural(count, 'fact')} differ
      </span>
    </div>
  )
}
