import { useId, type ReactNode } from 'react'

interface PanelProps {
  readonly title: string
  readonly children: ReactNode
}

/** A part of the page with a heading of its own. */
export function Panel({ title, children }: PanelProps) {
  const id = useId()
  return (
    <section className="panel" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}
