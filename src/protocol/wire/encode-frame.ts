/** Encodes control frames; `data-frame.ts` encodes DATA. */
import type { DataFrame, SessionOffer, SessionReport, WireFrame } from './frames.ts'
import { FRAME_TYPE, WIRE_REFUSALS, REJECTION_REASONS } from './frames.ts'
import { FrameWriter } from './frame-bytes.ts'

/** Details of refusals and rejections are truncated to this many characters. */
const TEXT_LENGTH_MAX = 300

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
      return writeOffers(writer, frame.offers).finish()
    case 'join':
      return writeOffers(writer.u64(frame.nonce), frame.offers).finish()
    case 'leave':
      writer.u16(frame.ended.length)
      for (const { pid, epoch } of frame.ended) writer.u32(pid).u32(epoch)
      return writer.finish()
    case 'welcome':
      writer.u64(frame.nonce).u32(frame.pid).id(frame.incarnation).u32(frame.features)
      return writeReports(writer.u32(frame.maxMessageBytes), frame.sessions).finish()
    case 'refused':
      writer.u64(frame.nonce).u32(frame.pid).u8(WIRE_REFUSALS.indexOf(frame.reason))
      writer.text(frame.detail.slice(0, TEXT_LENGTH_MAX)).u8(frame.final === undefined ? 0 : 1)
      if (frame.final !== undefined) {
        writer.id(frame.final.incarnation).u32(frame.final.epoch).u32(frame.final.toEpoch)
        writer.u64(frame.final.settled)
      }
      return writer.finish()
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
  for (const offer of offers)
    writer.u32(offer.pid).id(offer.incarnation).u32(offer.epoch).u64(offer.settled)
  return writer
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
