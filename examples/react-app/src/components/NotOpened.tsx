export function NotOpened({ error }: { readonly error: unknown }) {
  return (
    <main className="columns">
      <div className="alert" role="alert">
        <h1>The newsroom could not be opened</h1>
        <p>{error instanceof Error ? error.message : String(error)}</p>
      </div>
    </main>
  )
}
