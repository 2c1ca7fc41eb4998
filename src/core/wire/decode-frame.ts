/** Bytes to frames: whatever the bytes are, a frame or an `Unreadable`. */
import type { Greeting, Rejection, SessionReport, WireFrame } from './frames.ts'
import type { DataRun, Leaving } from './frames.ts'
import { RUN_HEADER_BYTES } from './batch.ts'
import { ENTRY_HEADER_BYTES } from './entry.ts'
import { EVERYBODY, FRAME_TYPE, PROTOCOL_VERSION, REFUSALS, REJECTIONS } from './frames.ts'
import { EMPTY_ROW, appended } from '../row.ts'
import { PID_MAX } from '../../model/pid.ts'
import { Reader, Unreadable } from './bytes.ts'

/** A run has so many entries at most, and a DATA frame so many runs. */
const ENTRIES_MAX = 4_096
const RUNS_MAX = 4_096

/**
 * Reads one frame.
 *
 * A HELLO of another version is read as far as all versions agree: its `version`, and nothing else.
 *
 * @param parts what the transport brought; only DATA may have more than one
 * @throws Unreadable where the bytes are no frame
 */
export function decodeFrame(parts: readonly Uint8Array[]): WireFrame {
  const [first] = parts
  if (first === undefined || first.length === 0) throw new Unreadable('an empty frame')
  const reader = new Reader(first)
  const type = reader.u8()
  if (type === FRAME_TYPE.data) return data(reader, parts)
  if (parts.length > 1) throw new Unreadable(`a control frame of ${parts.length} parts`)
  const frame = control(type, reader)
  if (frame.type !== 'hello' || frame.version === PROTOCOL_VERSION) reader.end()
  return frame
}

function control(type: number, reader: Reader): WireFrame {
  switch (type) {
    case FRAME_TYPE.hello: {
      const version = reader.u16()
      if (version !== PROTOCOL_VERSION) {
        return { type: 'hello', version, nonce: 0, cluster: '', to: 0, features: 0, greetings: [] }
      }
      const nonce = reader.u64()
      const cluster = reader.text()
      const to = pid(reader)
      const features = reader.u32()
      return { type: 'hello', version, nonce, cluster, to, features, greetings: greetings(reader) }
    }
    case FRAME_TYPE.join:
      return { type: 'join', nonce: reader.u64(), greetings: greetings(reader) }
    case FRAME_TYPE.leave:
      return { type: 'leave', leaving: leaving(reader) }
    case FRAME_TYPE.welcome:
      return {
        type: 'welcome',
        nonce: reader.u64(),
        pid: pid(reader),
        incarnation: reader.hex(),
        features: reader.u32(),
        maxMessageBytes: reader.u32(),
        sessions: reports(reader),
      }
    case FRAME_TYPE.refused:
      return refused(reader)
    case FRAME_TYPE.ack:
      return { type: 'ack', sessions: reports(reader) }
    case FRAME_TYPE.ping:
      return { type: 'ping', token: reader.u64(), report: reader.u8() === 1 }
    case FRAME_TYPE.pong:
      return { type: 'pong', token: reader.u64() }
    case FRAME_TYPE.bye:
      return { type: 'bye', sessions: reports(reader) }
    default:
      throw new Unreadable(`unknown frame type ${type}`)
  }
}

function data(reader: Reader, parts: readonly Uint8Array[]): WireFrame {
  let runs: DataRun[] = EMPTY_ROW
  // The first part holds the runs; the bodies that have parts of their own follow it.
  let part = 1
  while (reader.left > 0) {
    if (runs.length === RUNS_MAX) throw new Unreadable(`more than ${RUNS_MAX} runs`)
    const next = run(reader, parts, part)
    part += next.ownParts
    runs = appended(runs, next)
  }
  if (runs.length === 0 || part !== parts.length) {
    throw new Unreadable(`${runs.length} runs of ${part} parts in ${parts.length}`)
  }
  return { type: 'data', runs }
}

function run(reader: Reader, parts: readonly Uint8Array[], part: number): DataRun {
  if (reader.left < RUN_HEADER_BYTES) throw new Unreadable('a run is cut off')
  const sender = pid(reader)
  const epoch = reader.u32()
  const toEpoch = reader.u32()
  const settled = reader.u64()
  const first = reader.u64()
  const count = reader.u32()
  const bytes = reader.u32()
  const ownParts = reader.u32()
  const urgent = reader.u8() === 1
  // A count that the bytes cannot hold would make a receiver reject entries without end.
  if (count === 0 || count > ENTRIES_MAX || count * ENTRY_HEADER_BYTES > bytes) {
    throw new Unreadable(`${count} entries in ${bytes} bytes`)
  }
  if (ownParts > count || part + ownParts > parts.length) {
    throw new Unreadable(`${ownParts} parts for ${count} entries, of ${parts.length}`)
  }
  if (first === 0 || settled >= first) throw new Unreadable(`first ${first}, settled ${settled}`)
  const { offset } = reader
  const end = reader.skip(bytes)
  // One by one: to spread another object into it would take as long as all the rest.
  return {
    pid: sender,
    epoch,
    toEpoch,
    settled,
    first,
    count,
    urgent,
    parts,
    offset,
    end,
    part,
    ownParts,
  }
}

function leaving(reader: Reader): Leaving[] {
  return several(reader, () => ({ pid: pid(reader), epoch: reader.u32() }))
}

function refused(reader: Reader): WireFrame {
  const nonce = reader.u64()
  const whom = reader.u32()
  if (whom !== EVERYBODY && whom > PID_MAX) throw new Unreadable(`a pid of ${whom}`)
  const reason = REFUSALS[reader.u8()]
  if (reason === undefined) throw new Unreadable('an unknown reason')
  const detail = reader.text()
  const known = reader.u8() === 1
  if (!known) return { type: 'refused', nonce, pid: whom, reason, detail }
  const incarnation = reader.hex()
  const last = { incarnation, epoch: reader.u32(), toEpoch: reader.u32(), settled: reader.u64() }
  return { type: 'refused', nonce, pid: whom, reason, detail, last }
}

function pid(reader: Reader): number {
  const value = reader.u32()
  if (value > PID_MAX) throw new Unreadable(`a pid of ${value}`)
  return value
}

function greetings(reader: Reader): Greeting[] {
  return several(reader, () => ({
    pid: pid(reader),
    incarnation: reader.hex(),
    epoch: reader.u32(),
    settled: reader.u64(),
  }))
}

function reports(reader: Reader): SessionReport[] {
  return several(reader, () => ({
    pid: pid(reader),
    epoch: reader.u32(),
    toEpoch: reader.u32(),
    settled: reader.u64(),
    received: reader.u64(),
    credit: reader.u32(),
    gap: reader.u8() === 1,
    rejections: rejections(reader),
  }))
}

const NO_REJECTIONS: readonly Rejection[] = []

function rejections(reader: Reader): readonly Rejection[] {
  const count = reader.u32()
  if (count === 0) return NO_REJECTIONS
  const all: Rejection[] = []
  for (let left = count; left > 0; left--) {
    const sequence = reader.u64()
    const reason = REJECTIONS[reader.u8()]
    if (reason === undefined) throw new Unreadable('an unknown reason')
    all.push({ sequence, reason, detail: reader.text() })
  }
  return all
}

/** A u16 of how many, then each. Memory follows what is there, not what is announced. */
function several<T>(reader: Reader, read: () => T): T[] {
  let all: T[] = EMPTY_ROW
  for (let left = reader.u16(); left > 0; left--) all = appended(all, read())
  return all
}
