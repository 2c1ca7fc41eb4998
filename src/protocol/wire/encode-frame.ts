/** Encodes control frames; `data-frame.ts` encodes DATA. */
import type { DataFrame, RefusedFrame, SessionOffer, SessionReport, WireFrame } from './frames.ts'
import { FRAME_TYPE, WIRE_REFUSALS, REJECTION_REASONS } from './frames.ts'
import { FrameWriter } from './frame-bytes.ts'

/** Details of refusals and rejections are truncated to this many characters. */
const TEXT_LENGTH_MAX = 300

/** A flag of HELLO. */
export const HELLO_KEYED = 1
/** A flag of REFUSED: the final position follows. */
export const REFUSED_FINAL = 1
/** A flag of REFUSED: the pid that listens follows. */
export const REFUSED_TRUE_PID = 2

/**
 * All nodes of the link, where every version reads the pid that is refused. No reason has its first
 * byte as a number.
 */
export const REFUSED_ALL = 0xff_ff_ff_ff

/** A frame of one part: every frame but DATA. */
export type ControlFrame = Exclude<WireFrame, DataFrame>

/** Encodes one control frame as its only part. */
export function encodeFrame(frame: ControlFrame): Uint8Array {
  const writer = new FrameWriter().u8(FRAME_TYPE[frame.type])
  switch (frame.type) {
    case 'hello':
      // The version follows the type in every version of the protocol.
      writer
        .u16(frame.version)
        .u64(frame.nonce)
        .text(frame.cluster)
        .u32(frame.to)
        .u32(frame.features)
        .text(frame.endpoint)
        .u8(frame.keyed ? HELLO_KEYED : 0)
      return writeOffers(writer, frame.offers).finish()
    case 'join':
      return writeOffers(writer.u64(frame.nonce), frame.offers).finish()
    case 'challenge':
      return writer
        .u64(frame.nonce)
        .u32(frame.pid)
        .id(frame.incarnation)
        .bytes(frame.publicKey)
        .bytes(frame.challenge)
        .finish()
    case 'proof':
      writer.u64(frame.nonce).u16(frame.offers.length)
      for (const offer of frame.offers) {
        writeOffer(writer, offer).bytes(offer.publicKey).bytes(offer.mac)
      }
      return writer.finish()
    case 'leave':
      writer.u16(frame.ended.length)
      for (const { pid, epoch } of frame.ended) writer.u32(pid).u32(epoch)
      return writer.finish()
    case 'welcome':
      writer.u64(frame.nonce).u32(frame.pid).id(frame.incarnation).u32(frame.features)
      writer.u32(frame.maxMessageBytes).u32(frame.maxMessageValues)
      return writeReports(writer, frame.sessions).finish()
    case 'refused':
      return writeRefused(writer, frame).finish()
    case 'ack':
    case 'bye':
      return writeReports(writer, frame.sessions).finish()
    case 'ping':
      return writer
        .u64(frame.token)
        .u8(frame.requestsReports ? 1 : 0)
        .finish()
    case 'pong':
      return writer.u64(frame.token).finish()
  }
}

function writeOffers(writer: FrameWriter, offers: readonly SessionOffer[]): FrameWriter {
  writer.u16(offers.length)
  for (const offer of offers) writeOffer(writer, offer)
  return writer
}

function writeOffer(writer: FrameWriter, offer: SessionOffer): FrameWriter {
  return writer.u32(offer.pid).id(offer.incarnation).u32(offer.epoch).u64(offer.settled)
}

function writeRefused(writer: FrameWriter, frame: RefusedFrame): FrameWriter {
  const { nonce, reason, detail, pids, truePid, final } = frame
  if (reason === 'wrong-version') {
    // Its layout is that of version 1 for ever: it answers nodes that know no other.
    const everyVersion = writer.u64(0).u32(REFUSED_ALL).u8(WIRE_REFUSALS.indexOf(reason))
    return everyVersion.text(detail.slice(0, TEXT_LENGTH_MAX)).u8(0)
  }
  const hasFinal = final === undefined ? 0 : REFUSED_FINAL
  const hasTruePid = truePid === undefined ? 0 : REFUSED_TRUE_PID
  writer.u64(nonce).u8(WIRE_REFUSALS.indexOf(reason)).text(detail.slice(0, TEXT_LENGTH_MAX))
  writer.u8(hasFinal | hasTruePid).u16(pids.length)
  for (const pid of pids) writer.u32(pid)
  if (truePid !== undefined) writer.u32(truePid)
  if (final === undefined) return writer
  const { incarnation, epoch, toEpoch, settled } = final
  return writer.id(incarnation).u32(epoch).u32(toEpoch).u64(settled)
}

function writeReports(writer: FrameWriter, reports: readonly SessionReport[]): FrameWriter {
  writer.u16(reports.length)
  for (const report of reports) {
    writer
      .u32(report.pid)
      .u32(report.epoch)
      .u32(report.toEpoch)
      .u64(report.settled)
      .u64(report.received)
    writer
      .u32(report.credit)
      .u32(report.replyCredit)
      .u8(report.gap ? 1 : 0)
      .u32(report.rejections.length)
    for (const { sequence, reason, detail } of report.rejections) {
      writer
        .u64(sequence)
        .u8(REJECTION_REASONS.indexOf(reason))
        .text(detail.slice(0, TEXT_LENGTH_MAX))
    }
  }
  return writer
}
