import { Icon } from '../parts/Icon.js'

interface Props {
  readonly value: string
  readonly onChange: (value: string) => void
}

export function SearchField({ value, onChange }: Props) {
  return (
    <label className="search">
      <Icon name="search" />
      <span className="hidden-text">Search</span>
      <input
        className="field"
        type="search"
        placeholder="Search by id, role, thread or status"
        value={value}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange(event.target.value)}
      />
    </label>
  )
}
