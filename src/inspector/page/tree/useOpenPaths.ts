import { useCallback, useState } from 'react'

/** Which branches of a tree are open. They stay so while its content changes. */
export function useOpenPaths(atFirst: readonly string[]) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(atFirst))
  const toggle = useCallback((path: string, isOpen: boolean) => {
    setOpen((before) => {
      const after = new Set(before)
      if (isOpen) after.add(path)
      else after.delete(path)
      return after
    })
  }, [])
  return { open, toggle }
}
