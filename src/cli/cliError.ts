/** The program was used wrongly, or was given what it cannot read. The message is one line for people. */
export class CliError extends Error {
  override readonly name = 'CliError'
}
