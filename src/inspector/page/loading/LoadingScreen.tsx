import { formatCount } from '../format.js'

interface Props {
  readonly name: string | null
  readonly facts: number
  readonly of: number
}

export function LoadingScreen({ name, facts, of }: Props) {
  return (
    <main className="screen" aria-busy>
      <h1>{name === null ? 'Looking for logs' : `Reading ${name}`}</h1>
      <progress max={Math.max(of, 1)} value={facts} aria-label="Facts that were read" />
      <p className="faint">{of > 0 ? `${formatCount(facts)} of ${formatCount(of)} facts` : 'One moment'}</p>
    </main>
  )
}
