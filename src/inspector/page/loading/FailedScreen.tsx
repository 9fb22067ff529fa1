interface Props {
  /** Of the log. `null`: there is none. */
  readonly name: string | null
  readonly message: string
}

/** A log that is damaged, or a server that is gone. */
export function FailedScreen({ name, message }: Props) {
  return (
    <main className="screen" role="alert">
      <h1>{name === null ? 'There is nothing to show' : `${name} cannot be read`}</h1>
      <p className="message mono">{message}</p>
      <p className="muted">
        {name === null
          ? 'Open the page by the address that the command printed, while it runs.'
          : 'The command verify tells which facts of a log are damaged.'}
      </p>
      <button type="button" className="button" onClick={() => location.reload()}>
        Try again
      </button>
    </main>
  )
}
