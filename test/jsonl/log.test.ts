import { readFileSync, writeFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { openJsonlLog } from '../../src/jsonl/index.js'
import { describeEventLog } from '../log/contract.js'
import { flipByte, tempLog } from './files.js'

describeEventLog('the JSONL log', {
  createPlace: tempLog,
  removePlace: (place) => place.remove(),
  open: ({ path }) => openJsonlLog(path),
  reopen: ({ path }) => openJsonlLog(path),
  openReadOnly: ({ path }) => openJsonlLog(path, { readOnly: true }),
  openSecond: ({ path }) => openJsonlLog(path),
  makeNewer({ path }) {
    const [, ...facts] = readFileSync(path, 'utf8').split('\n')
    const body = '{"format":"redux-agent-runtime/log","version":2'
    const header = `${body},"crc":"${crc32(body).toString(16).padStart(8, '0')}"}`
    writeFileSync(path, [header, ...facts].join('\n'))
  },
  closing: true,
  damageSnapshot: ({ path }) => flipByte(`${path}.snapshot`, 30),
})
