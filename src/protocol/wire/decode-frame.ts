/** Bytes to frames: whatever the bytes are, a frame or an `Unreadable`. */
import type { SessionOffer, Rejection, SessionReport, WireFrame } from './frames.ts'
import type { DataBatch, SessionRef } from './frames.ts'
import { BATCH_HEADER_BYTES } from './data-frame.ts'
import { ENTRY_HEADER_BYTES } from './entry.ts'
import {
  ALL_SESSIONS,
  FRAME_TYPE,
  PROTOCOL_VERSION,
  WIRE_REFUSALS,
  REJECTION_REASONS,
} from './frames.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { PID_MAX } from '../../model/pid.ts'
import { ByteReader, MalformedFrame } from './bytes.ts'

/** A run has so many entries at most, and a DATA frame so many runs. */
const BATCH_ENTRIES_MAX = 4_096
const FRAME_BATCHES_MAX = 4_096

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
  if (first === undefined || first.length === 0) throw new MalformedFrame('an empty frame')
  const reader = new ByteReader(first)
  const type = reader.u8()
  if (type === FRAME_TYPE.data) return decodeData(reader, parts)
  if (parts.length > 1) throw new MalformedFrame(`a control frame of ${parts.length} parts`)
  const frame = decodeControl(type, reader)
  if (frame.type !== 'hello' || frame.version === PROTOCOL_VERSION) reader.expectEnd()
  return frame
}

function decodeControl(type: number, reader: ByteReader): WireFrame {
  switch (type) {
    case FRAME_TYPE.hello: {
      const version = reader.u16()
      if (version !== PROTOCOL_VERSION) {
        return { type: 'hello', version, nonce: 0, cluster: '', to: 0, features: 0, offers: [] }
      }
      const nonce = reader.u64()
      const cluster = reader.text()
      const to = readPid(reader)
      const features = reader.u32()
      return { type: 'hello', version, nonce, cluster, to, features, offers: readOffers(reader) }
    }
    case FRAME_TYPE.join:
      return { type: 'join', nonce: reader.u64(), offers: readOffers(reader) }
    case FRAME_TYPE.leave:
      return { type: 'leave', ended: readSessionRefs(reader) }
    case FRAME_TYPE.welcome:
      return {
        type: 'welcome',
        nonce: reader.u64(),
        pid: readPid(reader),
        incarnation: reader.id(),
        features: reader.u32(),
        maxMessageBytes: reader.u32(),
        sessions: readReports(reader),
      }
    case FRAME_TYPE.refused:
      return decodeRefused(reader)
    case FRAME_TYPE.ack:
      return { type: 'ack', sessions: readReports(reader) }
    case FRAME_TYPE.ping:
      return { type: 'ping', token: reader.u64(), requestsReports: reader.u8() === 1 }
    case FRAME_TYPE.pong:
      return { type: 'pong', token: reader.u64() }
    case FRAME_TYPE.bye:
      return { type: 'bye', sessions: readReports(reader) }
    default:
      throw new MalformedFrame(`unknown frame type ${type}`)
  }
}

function decodeData(reader: ByteReader, parts: readonly Uint8Array[]): WireFrame {
  let batches: DataBatch[] = EMPTY_LIST
  // The first part holds the runs; the bodies that have parts of their own follow it.
  let partIndex = 1
  while (reader.remaining > 0) {
    if (batches.length === FRAME_BATCHES_MAX)
      throw new MalformedFrame(`more than ${FRAME_BATCHES_MAX} runs`)
    const batch = readBatch(reader, parts, partIndex)
    partIndex += batch.separateParts
    batches = append(batches, batch)
  }
  if (batches.length === 0 || partIndex !== parts.length) {
    throw new MalformedFrame(`${batches.length} runs of ${partIndex} parts in ${parts.length}`)
  }
  return { type: 'data', batches }
}

function readBatch(reader: ByteReader, parts: readonly Uint8Array[], partIndex: number): DataBatch {
  if (reader.remaining < BATCH_HEADER_BYTES) throw new MalformedFrame('a run is cut off')
  const sender = readPid(reader)
  const epoch = reader.u32()
  const toEpoch = reader.u32()
  const settled = reader.u64()
  const first = reader.u64()
  const count = reader.u32()
  const bytes = reader.u32()
  const separateParts = reader.u32()
  const urgent = reader.u8() === 1
  // A count that the bytes cannot hold would make a receiver reject entries without end.
  if (count === 0 || count > BATCH_ENTRIES_MAX || count * ENTRY_HEADER_BYTES > bytes) {
    throw new MalformedFrame(`${count} entries in ${bytes} bytes`)
  }
  if (separateParts > count || partIndex + separateParts > parts.length) {
    throw new MalformedFrame(`${separateParts} parts for ${count} entries, of ${parts.length}`)
  }
  if (first === 0 || settled >= first)
    throw new MalformedFrame(`first ${first}, settled ${settled}`)
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
    partIndex,
    separateParts,
  }
}

function readSessionRefs(reader: ByteReader): SessionRef[] {
  return readList(reader, () => ({ pid: readPid(reader), epoch: reader.u32() }))
}

function decodeRefused(reader: ByteReader): WireFrame {
  const nonce = reader.u64()
  const target = reader.u32()
  if (target !== ALL_SESSIONS && target > PID_MAX) throw new MalformedFrame(`a pid of ${target}`)
  const reason = WIRE_REFUSALS[reader.u8()]
  if (reason === undefined) throw new MalformedFrame('an unknown reason')
  const detail = reader.text()
  const hasFinalState = reader.u8() === 1
  if (!hasFinalState) return { type: 'refused', nonce, pid: target, reason, detail }
  const incarnation = reader.id()
  const final = { incarnation, epoch: reader.u32(), toEpoch: reader.u32(), settled: reader.u64() }
  return { type: 'refused', nonce, pid: target, reason, detail, final }
}

function readPid(reader: ByteReader): number {
  const value = reader.u32()
  if (value > PID_MAX) throw new MalformedFrame(`a pid of ${value}`)
  return value
}

function readOffers(reader: ByteReader): SessionOffer[] {
  return readList(reader, () => ({
    pid: readPid(reader),
    incarnation: reader.id(),
    epoch: reader.u32(),
    settled: reader.u64(),
  }))
}

function readReports(reader: ByteReader): SessionReport[] {
  return readList(reader, () => ({
    pid: readPid(reader),
    epoch: reader.u32(),
    toEpoch: reader.u32(),
    settled: reader.u64(),
    received: reader.u64(),
    credit: reader.u32(),
    gap: reader.u8() === 1,
    rejections: readRejections(reader),
  }))
}

const NO_REJECTIONS: readonly Rejection[] = []

function readRejections(reader: ByteReader): readonly Rejection[] {
  const count = reader.u32()
  if (count === 0) return NO_REJECTIONS
  const all: Rejection[] = []
  for (let remaining = count; remaining > 0; remaining--) {
    const sequence = reader.u64()
    const reason = REJECTION_REASONS[reader.u8()]
    if (reason === undefined) throw new MalformedFrame('an unknown reason')
    all.push({ sequence, reason, detail: reader.text() })
  }
  return all
}

/** A u16 of how many, then each. Memory follows what is there, not what is announced. */
function readList<T>(reader: ByteReader, read: () => T): T[] {
  let all: T[] = EMPTY_LIST
  for (let remaining = reader.u16(); remaining > 0; remaining--) all = append(all, read())
  return all
}
