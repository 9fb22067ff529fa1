/** Drawn on a field of 16 by 16. Each says by its shape what colours say too. */
const PATHS = {
  turn: 'M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2z',
  tool: 'M9.8 2.6a3.6 3.6 0 0 0-3.3 4.9l-4 4 2 2 4-4a3.6 3.6 0 0 0 4.7-4.5l-2 2-2-.6-.6-2z',
  recovery: 'M3 8a5 5 0 1 1 1.6 3.7M3 12.5v-3h3',
  gate: 'M8 2l5 1.8v3.7c0 3-2 5.2-5 6.5-3-1.3-5-3.5-5-6.5V3.8z',
  policy: 'M4 2.5h8v11H4zM6.2 5.5h3.6M6.2 8h3.6M6.2 10.5h2',
  handoff: 'M2.5 8h10M9 4.5 12.5 8 9 11.5',
  person: 'M8 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM3 13.5c.5-2.6 2.4-4 5-4s4.5 1.4 5 4',
  budget:
    'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM9.8 6c-.4-.7-1-1-1.8-1-1 0-1.7.5-1.7 1.4 0 2 3.6 1.1 3.6 3.1 0 .9-.8 1.5-1.9 1.5-.9 0-1.6-.4-2-1.1M8 4v8',
  breaker: 'M9 1.8 4 9h3.5L7 14.2 12 7H8.5z',
  session: 'M2.5 3h11v10h-11zM2.5 6h11',
  blocked: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM4.2 4.2l7.6 7.6',
  answer: 'M3 8.5 6.5 12 13 4.5',
  fact: 'M8 6.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z',
  done: 'M3 8.5 6.5 12 13 4.5',
  failed: 'M4 4l8 8M12 4l-8 8',
  running: 'M5 3.5v9l7-4.5z',
  waiting: 'M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2.2 1.5',
  parked: 'M5.5 3.5v9M10.5 3.5v9',
  idle: 'M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z',
  first: 'M12 3.5 6.5 8l5.5 4.5zM4 3.5v9',
  previous: 'M11 3.5 5.5 8l5.5 4.5z',
  play: 'M5 3v10l8-5z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  next: 'M5 3.5 10.5 8 5 12.5z',
  last: 'M4 3.5 9.5 8 4 12.5zM12 3.5v9',
  up: 'M3.5 10 8 5.5l4.5 4.5',
  down: 'M3.5 6 8 10.5 12.5 6',
  right: 'M6 3.5 10.5 8 6 12.5',
  search: 'M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.5 10.5l3 3',
  light:
    'M8 5.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6zM8 1.5v1.2M8 13.3v1.2M1.5 8h1.2M13.3 8h1.2M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  dark: 'M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5z',
  system: 'M2.5 3h11v7.5h-11zM5.5 13.5h5M8 10.5v3',
  keys: 'M1.5 4h13v8h-13zM4 6.5h.5M7 6.5h.5M10 6.5h.5M4.5 9.5h7',
  close: 'M4 4l8 8M12 4l-8 8',
} as const

export type IconName = keyof typeof PATHS

/** @param props.label - What is read aloud. Default: nothing, because a text beside it says the same. */
export function Icon({ name, label }: { readonly name: IconName; readonly label?: string }) {
  const spoken = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label }
  return (
    <svg className="icon" viewBox="0 0 16 16" {...spoken}>
      <path d={PATHS[name]} />
    </svg>
  )
}
