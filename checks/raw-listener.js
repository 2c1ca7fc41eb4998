/** A listener of wire version 2 by hand: it welcomes one caller, and counts the entries of DATA. */
import { Router } from 'zeromq'

const [HELLO, WELCOME, DATA] = [1, 4, 6]
/** From the start of a batch, which follows the type: pid, epoch, toEpoch, settled and first. */
const BATCH_COUNT_AT = 1 + 4 + 4 + 4 + 8 + 8
const CREDIT = 1_000_000

/** @returns its endpoint, the number of entries of the first DATA, and `close` */
export async function startRawListener({ pid, features }) {
  const router = new Router({ linger: 0 })
  await router.bind('tcp://127.0.0.1:0')
  const entries = (async () => {
    for await (const [caller, frame] of router) {
      if (frame[0] === HELLO) await router.send([caller, welcome(frame, { pid, features })])
      if (frame[0] === DATA) return frame.readUInt32BE(BATCH_COUNT_AT)
    }
    throw new Error('closed before DATA')
  })()
  // It is awaited later, if at all.
  entries.catch(() => {})
  return { endpoint: router.lastEndpoint, entries: () => entries, close: () => router.close() }
}

/** Accepts the first node of a HELLO. */
function welcome(hello, { pid, features }) {
  const nonceAt = 3
  const clusterAt = nonceAt + 8
  const endpointAt = clusterAt + 2 + hello.readUInt16BE(clusterAt) + 8
  const nodeAt = endpointAt + 2 + hello.readUInt16BE(endpointAt) + 3
  const epochAt = nodeAt + 12
  const head = Buffer.alloc(1 + 8 + 4 + 8 + 4 + 4 + 4 + 2)
  head[0] = WELCOME
  hello.copy(head, 1, nonceAt, nonceAt + 8)
  head.writeUInt32BE(pid, 9)
  head.writeUInt32BE(1, 17)
  for (const [value, at] of [
    [features, 21],
    [CREDIT, 25],
    [CREDIT, 29],
  ]) {
    head.writeUInt32BE(value, at)
  }
  head.writeUInt16BE(1, 33)
  const report = Buffer.alloc(4 + 4 + 4 + 8 + 8 + 4 + 4 + 1 + 4)
  hello.copy(report, 0, nodeAt, nodeAt + 4)
  hello.copy(report, 4, epochAt, epochAt + 4)
  report.writeUInt32BE(1, 8)
  report.writeUInt32BE(CREDIT, 28)
  report.writeUInt32BE(CREDIT, 32)
  return Buffer.concat([head, report])
}
