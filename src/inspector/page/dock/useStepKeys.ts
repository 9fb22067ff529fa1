import { useEffect } from 'react'

/** Shift and an arrow step from wherever the focus is, except from where text is written. */
export function useStepKeys(by: (distance: number) => void): void {
  useEffect(() => {
    const stop = new AbortController()
    document.addEventListener(
      'keydown',
      (event) => {
        if (!event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || isWritten(event.target)) return
        if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return
        event.preventDefault()
        by(event.key === 'ArrowRight' ? 1 : -1)
      },
      stop,
    )
    return () => stop.abort()
  }, [by])
}

function isWritten(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input:not([type="range"], [type="radio"], [type="checkbox"])')
}
