/** Control frames to bytes; DATA is written by `batch.ts`. */
import type { DataFrame, Greeting, SessionReport, WireFrame } from './frames.ts'
import { FRAME_TYPE, REFUSALS, REJECTIONS } from './frames.ts'
import { Writer } from './bytes.ts'

/** Text in a frame is for people, and is cut at so many characters. */
const TEXT_MAX = 300

/** Every frame but DATA. */
export type ControlFrame = Exclude<WireFrame, DataFrame>

/** Writes one control frame. */
export function encodeFrame(frame: ControlFrame): Uint8Array {
  const writer = new Writer().u8(FRAME_TYPE[frame.type])
  switch (frame.type) {
    case 'hello':
      // The version stands right behind the type in every version there will ever be.
      writer
        .u16(frame.version)
        .u64(frame.nonce)
        .text(frame.cluster)
        .u32(frame.to)
        .u32(frame.features)
      return greetings(writer, frame.greetings).done()
    case 'join':
      return greetings(writer.u64(frame.nonce), frame.greetings).done()
    case 'leave':
      writer.u16(frame.leaving.length)
      for (const { pid, epoch } of frame.leaving) writer.u32(pid).u32(epoch)
      return writer.done()
    case 'welcome':
      writer.u64(frame.nonce).u32(frame.pid).hex(frame.incarnation).u32(frame.features)
      return reports(writer.u32(frame.maxMessageBytes), frame.sessions).done()
    case 'refused':
      writer.u64(frame.nonce).u32(frame.pid).u8(REFUSALS.indexOf(frame.reason))
      writer.text(frame.detail.slice(0, TEXT_MAX)).u8(frame.last === undefined ? 0 : 1)
      if (frame.last !== undefined) {
        writer.hex(frame.last.incarnation).u32(frame.last.epoch).u32(frame.last.toEpoch)
        writer.u64(frame.last.settled)
      }
      return writer.done()
    case 'ack':
    case 'bye':
      return reports(writer, frame.sessions).done()
    case 'ping':
      return writer
        .u64(frame.token)
        .u8(frame.report ? 1 : 0)
        .done()
    case 'pong':
      return writer.u64(frame.token).done()
  }
}

function greetings(writer: Writer, all: readonly Greeting[]): Writer {
  writer.u16(all.length)
  for (const one of all) writer.u32(one.pid).hex(one.incarnation).u32(one.epoch).u64(one.settled)
  return writer
}

function reports(writer: Writer, all: readonly SessionReport[]): Writer {
  writer.u16(all.length)
  for (const one of all) {
    writer.u32(one.pid).u32(one.epoch).u32(one.toEpoch).u64(one.settled).u64(one.received)
    writer
      .u32(one.credit)
      .u8(one.gap ? 1 : 0)
      .u32(one.rejections.length)
    for (const { sequence, reason, detail } of one.rejections) {
      writer.u64(sequence).u8(REJECTIONS.indexOf(reason)).text(detail.slice(0, TEXT_MAX))
    }
  }
  return writer
}
