import type { Draft, Priced } from './draft.js'
import { GOVERNANCE, SETTINGS, USAGE_LIMITS } from './draft.js'
import { PriceFields } from './PriceFields.js'

interface Props {
  readonly models: readonly Priced[]
  readonly draft: Draft
  readonly onChange: (name: string, value: string) => void
  readonly onAsk: () => void
  readonly onClear: () => void
}

export function WhatIfForm({ models, draft, onChange, onAsk, onClear }: Props) {
  const group = { draft, onChange }
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        onAsk()
      }}
    >
      <p className="muted">
        What is left empty stays as it was recorded. Nothing is called: the rules are asked again.
      </p>
      <Group title="Caps" fields={SETTINGS} {...group} />
      <Group title="Limits of a session" fields={USAGE_LIMITS} {...group} />
      <Group title="Governance of a session" fields={GOVERNANCE} {...group} />
      <PriceFields models={models} {...group} />
      <div className="form-end">
        <button type="submit" className="button primary">
          Ask
        </button>
        <button type="button" className="button" onClick={onClear}>
          Clear
        </button>
      </div>
    </form>
  )
}

interface GroupProps {
  readonly title: string
  readonly fields: readonly { readonly name: string; readonly label: string; readonly unit: string }[]
  readonly draft: Draft
  readonly onChange: (name: string, value: string) => void
}

function Group({ title, fields, draft, onChange }: GroupProps) {
  return (
    <fieldset className="form-group">
      <legend>{title}</legend>
      {fields.map(({ name, label, unit }) => (
        <label key={name} className="form-field">
          <span>{label}</span>
          <span className="faint">{unit}</span>
          <input
            className="field number"
            inputMode="decimal"
            placeholder="as recorded"
            value={draft[name] ?? ''}
            onChange={({ target }) => onChange(name, target.value)}
          />
        </label>
      ))}
    </fieldset>
  )
}
