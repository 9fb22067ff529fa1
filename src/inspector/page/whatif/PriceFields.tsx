import { rateField, RATES, type Draft, type Priced } from './draft.js'

interface Props {
  readonly models: readonly Priced[]
  readonly draft: Draft
  readonly onChange: (name: string, value: string) => void
}

/** What each model costs. What was recorded stands in the fields until something else is written there. */
export function PriceFields({ models, draft, onChange }: Props) {
  if (models.length === 0) return null
  return (
    <fieldset className="form-group">
      <legend>Dollars per million tokens</legend>
      <table className="prices">
        <thead>
          <tr>
            <th scope="col">Model</th>
            {RATES.map(({ name, label }) => (
              <th key={name} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {models.map(({ model, entry }) => (
            <tr key={model}>
              <th scope="row" className="cut" title={model}>
                {model}
              </th>
              {RATES.map(({ name, label }) => (
                <td key={name}>
                  <input
                    className="field number"
                    inputMode="decimal"
                    aria-label={`${label} of ${model}`}
                    placeholder={entry ? String(entry.rates[name]) : 'none'}
                    value={draft[rateField(model, name)] ?? ''}
                    onChange={({ target }) => onChange(rateField(model, name), target.value)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </fieldset>
  )
}
