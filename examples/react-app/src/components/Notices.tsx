import { useAppSelector } from '../app/context.js'

/** What happens, said to those who do not see it. */
export function Notices() {
  const notices = useAppSelector((root) => root.notices)
  return (
    <footer className="notices" aria-live="polite">
      {notices.at(-1)}
    </footer>
  )
}
