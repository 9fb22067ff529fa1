const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'it exists already',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
}

/** What the system says with an error, in words. */
export function systemReason(error: unknown): string {
  const { code, message } = (error ?? {}) as Partial<NodeJS.ErrnoException>
  return (code === undefined ? undefined : REASONS[code]) ?? message ?? String(error)
}
