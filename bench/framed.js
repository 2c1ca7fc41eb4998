/**
 * Batches over a bare TCP socket of Node, for the contender that is the upper limit. Each batch is
 * one array of plain maps, packed by msgpackr as our codec writes them, behind its length. Nothing
 * is checked, acknowledged or sent again.
 */
import { connect, createServer } from 'node:net'
import { once } from 'node:events'

const PACKING = { useRecords: false, variableMapSize: true }
const HIGH_WATER_BYTES = 1024 * 1024
const LENGTH_BYTES = 4

/** Listens at a free port; `accept(send)` gets each connection and returns its batch handler. */
export async function listenFramed(accept) {
  const coding = await openCoding()
  const server = createServer({ noDelay: true }, (socket) =>
    socket.on('data', coding.reader(accept(coding.writer(socket)))),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: server.address().port, close: () => server.close() }
}

/** @returns `send(batch)`, which returns a promise to wait for while the socket's buffer is full */
export async function connectFramed(port, onBatch) {
  const coding = await openCoding()
  const host = '127.0.0.1'
  const socket = connect({ port, host, noDelay: true, highWaterMark: HIGH_WATER_BYTES })
  await once(socket, 'connect')
  socket.on('data', coding.reader(onBatch))
  return { send: coding.writer(socket), close: () => socket.end() }
}

async function openCoding() {
  const { Packr, RESERVE_START_SPACE } = await import('msgpackr')
  const packr = new Packr(PACKING)
  const writer = (socket) => (batch) => {
    const bytes = packr.pack(batch, RESERVE_START_SPACE + LENGTH_BYTES)
    bytes.writeUInt32BE(bytes.length - LENGTH_BYTES)
    return socket.write(bytes) ? undefined : once(socket, 'drain')
  }
  const reader = (onBatch) => splitFrames((bytes) => onBatch(packr.unpack(bytes)))
  return { writer, reader }
}

/** Splits the stream of a socket into frames. */
function splitFrames(onFrame) {
  let rest
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk])
    let start = 0
    while (bytes.length - start >= LENGTH_BYTES) {
      const end = start + LENGTH_BYTES + bytes.readUInt32BE(start)
      if (end > bytes.length) break
      onFrame(bytes.subarray(start + LENGTH_BYTES, end))
      start = end
    }
    rest = start === bytes.length ? undefined : bytes.subarray(start)
  }
}
