interface Props {
  readonly title: string
  readonly message: string
}

/** A log that is damaged, or a server that is gone. */
export function FailedScreen({ title, message }: Props) {
  return (
    <main className="screen" role="alert">
      <h1>{title}</h1>
      <p className="message mono">{message}</p>
      <p className="muted">The command verify tells whether a log is damaged, and where.</p>
      <button type="button" className="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  )
}
