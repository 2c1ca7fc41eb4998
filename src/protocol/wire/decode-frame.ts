/** Decodes frames; untrusted bytes give a frame or a `MalformedFrame`. */
import type { SessionOffer, Rejection, SessionReport, WireFrame } from './frames.ts'
import type { DataBatch, FinalPosition, ProvenOffer, SessionRef } from './frames.ts'
import { BATCH_HEADER_BYTES } from './data-frame.ts'
import { ENTRY_HEADER_BYTES } from './entry.ts'
import {
  ANY_LISTENER,
  CHALLENGE_BYTES,
  FRAME_TYPE,
  KEY_BYTES,
  PIDS_PER_FRAME_MAX,
  PROTOCOL_VERSION,
  WIRE_REFUSALS,
  REJECTION_REASONS,
} from './frames.ts'
import { HELLO_KEYED, REFUSED_ALL, REFUSED_FINAL, REFUSED_TRUE_PID } from './encode-frame.ts'
import { EMPTY_LIST, append } from '../../base/list.ts'
import { PID_MAX } from '../../model/pid.ts'
import { FrameReader, MalformedFrame } from './frame-bytes.ts'

/** What a peer may send, not what this library sends; see `LinkTuning`. */
const BATCH_ENTRIES_MAX = 4_096
const FRAME_BATCHES_MAX = 4_096
const REPORTS_MAX = 4_096

const HELLO_OF_ANOTHER_VERSION = {
  type: 'hello',
  nonce: 0,
  cluster: '',
  to: 0,
  features: 0,
  endpoint: '',
  keyed: false,
  offers: [],
} as const

/**
 * Decodes one frame. Of a HELLO of another version only `version` is decoded, because its other
 * fields are unknown.
 *
 * @param parts one part, or several for DATA
 * @throws MalformedFrame if the bytes are not a frame
 */
export function decodeFrame(parts: readonly Uint8Array[]): WireFrame {
  const [first] = parts
  if (first === undefined || first.length === 0) throw new MalformedFrame('empty frame')
  const reader = new FrameReader(first)
  const type = reader.u8()
  if (type === FRAME_TYPE.data) return decodeData(reader, parts)
  if (parts.length > 1)
    throw new MalformedFrame(`control frame with ${parts.length} parts, expected 1`)
  const frame = decodeControl(type, reader)
  // A later feature adds its fields behind those of HELLO and WELCOME.
  if (frame.type !== 'hello' && frame.type !== 'welcome') reader.expectEnd()
  return frame
}

function decodeControl(type: number, reader: FrameReader): WireFrame {
  switch (type) {
    case FRAME_TYPE.hello: {
      const version = reader.u16()
      if (version !== PROTOCOL_VERSION) {
        return { ...HELLO_OF_ANOTHER_VERSION, version }
      }
      const nonce = reader.u64()
      const cluster = reader.text()
      const to = reader.u32()
      if (to !== ANY_LISTENER) checkPid(to)
      const features = reader.u32()
      const endpoint = reader.text()
      const keyed = (reader.u8() & HELLO_KEYED) !== 0
      const offers = readOffers(reader)
      return { type: 'hello', version, nonce, cluster, to, features, endpoint, keyed, offers }
    }
    case FRAME_TYPE.challenge:
      return {
        type: 'challenge',
        nonce: reader.u64(),
        pid: readPid(reader),
        incarnation: reader.id(),
        publicKey: reader.bytes(KEY_BYTES),
        challenge: reader.bytes(CHALLENGE_BYTES),
      }
    case FRAME_TYPE.proof:
      return { type: 'proof', nonce: reader.u64(), offers: readProvenOffers(reader) }
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
        maxMessageValues: reader.u32(),
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

function decodeData(reader: FrameReader, parts: readonly Uint8Array[]): WireFrame {
  let batches: DataBatch[] = EMPTY_LIST
  // The first part holds the batches; the separate bodies follow it.
  let partIndex = 1
  while (reader.remaining > 0) {
    if (batches.length === FRAME_BATCHES_MAX)
      throw new MalformedFrame(`more than ${FRAME_BATCHES_MAX} batches`)
    const batch = readBatch(reader, parts, partIndex)
    partIndex += batch.separateParts
    batches = append(batches, batch)
  }
  if (batches.length === 0 || partIndex !== parts.length) {
    throw new MalformedFrame(
      `${batches.length} batches need ${partIndex} parts, got ${parts.length}`,
    )
  }
  return { type: 'data', batches }
}

function readBatch(
  reader: FrameReader,
  parts: readonly Uint8Array[],
  partIndex: number,
): DataBatch {
  if (reader.remaining < BATCH_HEADER_BYTES) throw new MalformedFrame('truncated batch header')
  const sender = readPid(reader)
  const epoch = reader.u32()
  const toEpoch = reader.u32()
  const settled = reader.u64()
  const first = reader.u64()
  const count = reader.u32()
  const bytes = reader.u32()
  const separateParts = reader.u32()
  const urgent = reader.u8() === 1
  // Otherwise a small frame could make the receiver store millions of rejections.
  if (count === 0 || count > BATCH_ENTRIES_MAX || count * ENTRY_HEADER_BYTES > bytes) {
    throw new MalformedFrame(`${count} entries in ${bytes} bytes`)
  }
  if (separateParts > count || partIndex + separateParts > parts.length) {
    throw new MalformedFrame(
      `${separateParts} separate bodies of ${count} entries in ${parts.length} parts`,
    )
  }
  if (first === 0 || settled >= first)
    throw new MalformedFrame(`expected first > settled, got ${first} and ${settled}`)
  const { offset } = reader
  const end = reader.skip(bytes)
  // Property by property: a spread would double the time of this function.
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

function readSessionRefs(reader: FrameReader): SessionRef[] {
  return readPids(reader, () => ({ pid: readPid(reader), epoch: reader.u32() }))
}

function decodeRefused(reader: FrameReader): WireFrame {
  const nonce = reader.u64()
  const code = reader.u8()
  if (code === REFUSED_ALL >>> 24) return decodeWrongVersion(reader)
  const reason = WIRE_REFUSALS[code]
  // Only the layout of every version has this reason.
  if (reason === undefined || reason === 'wrong-version')
    throw new MalformedFrame('unknown reason of REFUSED')
  const detail = reader.text()
  const flags = reader.u8()
  const pids = readPids(reader, () => readPid(reader))
  const truePid = (flags & REFUSED_TRUE_PID) === 0 ? undefined : readPid(reader)
  const final = (flags & REFUSED_FINAL) === 0 ? undefined : readFinalPosition(reader)
  return { type: 'refused', nonce, pids, reason, detail, truePid, final }
}

/** Decodes the REFUSED that is the same in every version, behind its first 0xFF. */
function decodeWrongVersion(reader: FrameReader): WireFrame {
  const rest = [reader.u8(), reader.u8(), reader.u8()]
  const reason = WIRE_REFUSALS[reader.u8()]
  if (reason !== 'wrong-version' || rest.some((byte) => byte !== 0xff)) {
    throw new MalformedFrame('unknown reason of REFUSED')
  }
  const detail = reader.text()
  reader.u8()
  return { type: 'refused', nonce: 0, pids: [], reason, detail }
}

function readFinalPosition(reader: FrameReader): FinalPosition {
  return {
    incarnation: reader.id(),
    epoch: reader.u32(),
    toEpoch: reader.u32(),
    settled: reader.u64(),
  }
}

function readPid(reader: FrameReader): number {
  return checkPid(reader.u32())
}

function checkPid(value: number): number {
  if (value > PID_MAX) throw new MalformedFrame(`pid ${value} is over ${PID_MAX}`)
  return value
}

function readOffers(reader: FrameReader): SessionOffer[] {
  return readPids(reader, () => readOffer(reader))
}

function readOffer(reader: FrameReader): SessionOffer {
  return {
    pid: readPid(reader),
    incarnation: reader.id(),
    epoch: reader.u32(),
    settled: reader.u64(),
  }
}

function readProvenOffers(reader: FrameReader): ProvenOffer[] {
  return readPids(reader, () => ({
    ...readOffer(reader),
    publicKey: reader.bytes(KEY_BYTES),
    mac: reader.bytes(KEY_BYTES),
  }))
}

function readReports(reader: FrameReader): SessionReport[] {
  return readList(reader, REPORTS_MAX, () => ({
    pid: readPid(reader),
    epoch: reader.u32(),
    toEpoch: reader.u32(),
    settled: reader.u64(),
    received: reader.u64(),
    credit: reader.u32(),
    replyCredit: reader.u32(),
    gap: reader.u8() === 1,
    rejections: readRejections(reader),
  }))
}

const NO_REJECTIONS: readonly Rejection[] = []

function readRejections(reader: FrameReader): readonly Rejection[] {
  const count = reader.u32()
  if (count === 0) return NO_REJECTIONS
  const all: Rejection[] = []
  for (let remaining = count; remaining > 0; remaining--) {
    const sequence = reader.u64()
    const reason = REJECTION_REASONS[reader.u8()]
    if (reason === undefined) throw new MalformedFrame('unknown reason of a rejection')
    all.push({ sequence, reason, detail: reader.text() })
  }
  return all
}

/** Reads a u16 count, then items of a pid each: few enough that one frame is cheap to handle. */
function readPids<T>(reader: FrameReader, read: () => T): T[] {
  return readList(reader, PIDS_PER_FRAME_MAX, read)
}

/** Reads a u16 count, then the items. Allocates for items that are there, not for the count. */
function readList<T>(reader: FrameReader, countMax: number, read: () => T): T[] {
  const count = reader.u16()
  if (count > countMax) throw new MalformedFrame(`${count} items, at most ${countMax} are allowed`)
  let all: T[] = EMPTY_LIST
  for (let remaining = count; remaining > 0; remaining--) all = append(all, read())
  return all
}
