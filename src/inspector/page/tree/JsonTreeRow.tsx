import { Icon } from '../parts/Icon.js'
import type { RowPlace } from '../parts/VirtualRows.js'
import { preview, type TreeRow } from './treeRows.js'

const INDENT = 14

interface Props {
  readonly id: string
  readonly row: TreeRow
  readonly place: RowPlace
  readonly isSelected: boolean
  readonly isMarked: boolean
  readonly onSelect: (path: string) => void
  readonly onToggle: (path: string, open: boolean) => void
}

export function JsonTreeRow({ id, row, place, isSelected, isMarked, onSelect, onToggle }: Props) {
  const { path, name, value, level, position, siblings, isBranch, isOpen } = row
  return (
    <div
      id={id}
      role="treeitem"
      className="tree-row"
      data-path={path}
      data-marked={isMarked || undefined}
      aria-level={level}
      aria-posinset={position}
      aria-setsize={siblings}
      aria-selected={isSelected}
      aria-expanded={isBranch ? isOpen : undefined}
      style={{ ...place, paddingLeft: (level - 1) * INDENT + 4 }}
      onClick={() => {
        onSelect(path)
        if (isBranch) onToggle(path, !isOpen)
      }}
    >
      <span className="tree-arrow">{isBranch ? <Icon name={isOpen ? 'down' : 'right'} /> : null}</span>
      <span className="tree-name">{name}</span>
      {isOpen ? null : (
        <span className={`tree-value cut ${kindOf(value)}`} title={isBranch ? undefined : preview(value)}>
          {preview(value)}
        </span>
      )}
      {isMarked ? <span className="hidden-text">changed</span> : null}
    </div>
  )
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  return typeof value
}
