import type { Disk, DiskFile } from '../../src/jsonl/disk.js'

/** Files in memory, for tests that open thousands of logs. */
export function createMemoryDisk(
  files: Record<string, Buffer> = {},
): Disk & { readonly files: Record<string, Buffer> } {
  const absent = (path: string): Error => Object.assign(new Error(`no ${path}`), { code: 'ENOENT' })
  const contentOf = (path: string): Buffer => {
    const content = files[path]
    if (!content) throw absent(path)
    return content
  }
  return {
    files,
    open: async (path, flags) => {
      if (flags === 'w') files[path] = Buffer.alloc(0)
      else if (path !== '/') contentOf(path)
      return createFile(files, path)
    },
    readText: async (path) => files[path]?.toString('utf8'),
    create: async (path, text) => void (files[path] = Buffer.from(text)),
    async link(from, to) {
      if (files[to]) throw Object.assign(new Error(`there is ${to}`), { code: 'EEXIST' })
      files[to] = contentOf(from)
    },
    async rename(from, to) {
      files[to] = contentOf(from)
      Reflect.deleteProperty(files, from)
    },
    remove: async (path) => void Reflect.deleteProperty(files, path),
    async realpath(path) {
      if (path !== '/') contentOf(path)
      return path
    },
  }
}

function createFile(files: Record<string, Buffer>, path: string): DiskFile {
  const content = (): Buffer => files[path] ?? Buffer.alloc(0)
  return {
    read: async (buffer, offset, length, position) => ({
      bytesRead: content().copy(buffer, offset, position, position + length),
    }),
    async write(buffer, offset, length, position) {
      const grown = Buffer.alloc(Math.max(content().length, position + length))
      content().copy(grown)
      buffer.copy(grown, position, offset, offset + length)
      files[path] = grown
      return { bytesWritten: length }
    },
    stat: async () => ({ size: content().length, nlink: 1, isFile: () => true }),
    truncate: async (size) => void (files[path] = content().subarray(0, size)),
    datasync: () => Promise.resolve(),
    sync: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }
}
