import { useMemo } from 'react'
import type { Span } from '../../model/index.js'
import { plural } from '../format.js'
import { Segments } from '../parts/Segments.js'
import type { ScaleKind } from './scale.js'
import { STATUSES } from './spanLook.js'

interface Props {
  readonly spans: readonly Span[]
  readonly kind: ScaleKind
  readonly setKind: (kind: ScaleKind) => void
  readonly zoom: number
  readonly zoomIn: () => void
  readonly zoomOut: () => void
}

export function WaterfallTools({ spans, kind, setKind, zoom, zoomIn, zoomOut }: Props) {
  const bad = useMemo(() => spans.filter(({ status }) => STATUSES[status].tone === 'bad').length, [spans])
  return (
    <div className="panel-tools">
      <Segments
        label="Scale"
        options={[
          { value: 'time', label: 'Time' },
          { value: 'order', label: 'Order' },
        ]}
        value={kind}
        onChange={setKind}
      />
      <span className="zoom" role="group" aria-label="Zoom">
        <button
          type="button"
          className="button square"
          aria-label="Zoom out"
          aria-disabled={zoom === 1}
          onClick={zoomOut}
        >
          −
        </button>
        <output className="zoom-level">{zoom}×</output>
        <button type="button" className="button square" aria-label="Zoom in" onClick={zoomIn}>
          +
        </button>
      </span>
      <span className="faint tools-end">
        {plural(spans.length, 'row')}
        {bad > 0 ? `, ${bad} failed or refused` : ''}
      </span>
    </div>
  )
}
