import { Icon } from '../parts/Icon.js'
import { useTheme } from '../store/theme.js'

/** Colours as the machine says, light, dark, and so on. */
export function ThemeButton() {
  const { theme, next, toNext } = useTheme()
  return (
    <button
      type="button"
      className="button plain square"
      aria-label={`Colours: ${theme}. Change to ${next}`}
      title={`Colours: ${theme}`}
      onClick={toNext}
    >
      <Icon name={theme} />
    </button>
  )
}
