import type { Download, Locator, Page } from 'playwright-core'

/** The official UI, as a person uses it. */
export function panelOf(page: Page) {
  const rows = (name: string): Locator => page.locator('[data-id]').filter({ hasText: name })
  const row = (name: string): Locator => rows(name).first()
  const button = (name: string): Locator => page.getByRole('button', { name, exact: true })
  const press = async (name: string, what: 'Jump' | 'Skip') => {
    await row(name).hover()
    await row(name).getByText(what, { exact: true }).click()
  }
  return {
    rows,
    row,
    jump: (name: string) => press(name, 'Jump'),
    skip: (name: string) => press(name, 'Skip'),
    async exportLog(): Promise<Download> {
      const download = page.waitForEvent('download')
      await button('Export to a file').click()
      return download
    },
    importLog: (path: string) => page.locator('input[type=file]').setInputFiles(path),
  }
}
