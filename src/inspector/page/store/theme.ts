import { useEffect, useState } from 'react'

const THEMES = ['system', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

const KEY = 'inspector-theme'

/** The chosen colours, kept in this browser. `system`: as the machine says. */
export function useTheme() {
  const [theme, setTheme] = useState(readTheme)
  useEffect(() => {
    if (theme === 'system') delete document.documentElement.dataset['theme']
    else document.documentElement.dataset['theme'] = theme
    document.documentElement.dispatchEvent(new Event(THEME_CHANGED))
    keepTheme(theme)
  }, [theme])
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
  return { theme, next, toNext: () => setTheme(next) }
}

const THEME_CHANGED = 'themechanged'

/** Changes whenever the colours do, whoever changed them: what is drawn on a canvas is drawn anew. */
export function useColorsVersion(): number {
  const [version, setVersion] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    const changed = () => setVersion((before) => before + 1)
    document.documentElement.addEventListener(THEME_CHANGED, changed, stop)
    window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed, stop)
    return () => stop.abort()
  }, [])
  return version
}

function readTheme(): Theme {
  const kept = storage()?.getItem(KEY)
  return THEMES.find((theme) => theme === kept) ?? 'system'
}

function keepTheme(theme: Theme): void {
  storage()?.setItem(KEY, theme)
}

/** Browsers may be told to keep nothing. */
function storage(): Storage | undefined {
  try {
    return window.localStorage
  } catch {
    return undefined
  }
}
