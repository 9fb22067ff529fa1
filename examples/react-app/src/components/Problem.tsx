import { useApp, useValue } from '../app/context.js'

/** Why the last story ended before its end. */
export function Problem() {
  const { newsroom } = useApp()
  const problem = useValue(newsroom.problem)
  return (
    problem !== null && (
      <p className="alert" role="alert">
        The story was left: {problem}
      </p>
    )
  )
}
