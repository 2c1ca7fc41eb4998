/**
 * The least that messages need over a bare socket of Node, for the contender that is the limit: batches, each packed by msgpackr as one
 * array of plain maps, as our codec writes them, with the length in front. Nothing is checked, named, acknowledged or sent again.
 */
import { connect, createServer } from 'node:net'
import { once } from 'node:events'

const PACKING = { useRecords: false, variableMapSize: true }
const HIGH_WATER_BYTES = 1024 * 1024
const LENGTH_BYTES = 4

/** Listens at a port that the system picks; `accept(send)` is told of a connection, and returns what hears each batch. */
export async function listenFramed(accept) {
  const coding = await openCoding()
  const server = createServer({ noDelay: true }, (socket) => socket.on('data', coding.reader(accept(coding.writer(socket)))))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { address: server.address().port, close: () => server.close() }
}

/** @returns `send(batch)`, which tells how to wait when the socket has enough: a promise, or nothing */
export async function connectFramed(port, hear) {
  const coding = await openCoding()
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, highWaterMark: HIGH_WATER_BYTES })
  await once(socket, 'connect')
  socket.on('data', coding.reader(hear))
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
  const reader = (hear) => framesOf((bytes) => hear(packr.unpack(bytes)))
  return { writer, reader }
}

/** Cuts what a socket reads into frames. */
function framesOf(hear) {
  let held
  return (chunk) => {
    const bytes = held === undefined ? chunk : Buffer.concat([held, chunk])
    let start = 0
    while (bytes.length - start >= LENGTH_BYTES) {
      const end = start + LENGTH_BYTES + bytes.readUInt32BE(start)
      if (end > bytes.length) break
      hear(bytes.subarray(start + LENGTH_BYTES, end))
      start = end
    }
    held = start === bytes.length ? undefined : bytes.subarray(start)
  }
}
