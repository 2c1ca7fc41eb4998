/** Generated and mutated frames of both directions, read by two nodes that send to each other. */
import { FrameGenerator } from './fuzz-frames.js'
import { FuzzNetwork } from './fuzz-network.js'
import { runInNewContext } from 'node:vm'
import { seededRandom } from './seeded-random.js'
import { snapshotOfPrototypes } from './prototypes.js'
import { setFlagsFromString } from 'node:v8'
import { EntryCursor } from '../dist/protocol/wire/entry.js'
import { MalformedFrame } from '../dist/protocol/wire/frame-bytes.js'
import { NotDecodableError } from '../dist/ports/codec.js'
import { decodeFrame } from '../dist/protocol/wire/decode-frame.js'
import { messagePack } from '../dist/codec/message-pack.js'

export const about = 'generated and mutated frames of both directions, in memory'

export const options = {
  frames: { default: 10_000_000, about: 'frames that are read' },
  seed: { default: 1, about: 'seed of the frames' },
}

export const variants = [{ frames: 1_000_000 }]

/** The heap may be larger at the end by what caches and the code of V8 take. */
const GROWTH_BYTES_MAX = 32 * 2 ** 20
/** Frames between two envelopes of the nodes, and between two advances of their clock. */
const FRAMES_PER_TURN = 32
const PROBLEMS_MAX = 10

/**
 * Every frame is decoded by itself, with all its entries and messages, and is read by the receiver
 * and the link of a node, as a frame of its true peer or of an unknown one.
 */
export async function run({ frames, seed }) {
  const random = seededRandom(seed)
  const generator = new FrameGenerator(random)
  const network = new FuzzNetwork(random, (parts) => generator.learn(parts))
  const prototypes = snapshotOfPrototypes()
  const counts = { valid: 0, messages: 0 }
  const problems = []
  let throws = 0
  const failed = (error, frame, parts) => {
    throws++
    if (problems.length >= PROBLEMS_MAX) return
    const hex = parts.map((part) => Buffer.from(part).toString('hex').slice(0, 400)).join(' ')
    problems.push(`frame ${frame} of seed ${seed}: ${error.stack}\n  ${hex}`)
  }
  // Most frames are errors: their stacks would take longer than all else.
  Error.stackTraceLimit = 3
  const warmUp = Math.min(frames / 5, 200_000)
  let heapBefore = 0
  let reportedMs = performance.now()
  network.run(1_000)
  for (let frame = 0; frame < frames; frame++) {
    if (frame === Math.floor(warmUp)) heapBefore = usedBytes()
    if (frame % FRAMES_PER_TURN === 0) network.turn()
    const parts = generator.next()
    try {
      decodeAll(parts, counts)
      network.inject(parts)
    } catch (error) {
      failed(error, frame, parts)
    }
    if (frame % 4_096 === 0 && performance.now() - reportedMs > 5_000) {
      reportedMs = performance.now()
      console.error(`  ${frame} of ${frames} frames, ${counts.valid} valid, ${throws} throws`)
      await new Promise(setImmediate)
    }
  }
  const growth = usedBytes() - heapBefore
  const { events, delivered, connections } = network.counts
  network.close()
  const untouched = snapshotOfPrototypes() === prototypes
  if (!untouched) problems.push('a prototype was changed')
  if (growth > GROWTH_BYTES_MAX) problems.push(`the heap grew by ${growth} bytes`)
  const heapGrowthMb = Math.round((growth / 2 ** 20) * 10) / 10
  const read = { ...counts, events, delivered, connections }
  return { ok: problems.length === 0, throws, untouched, heapGrowthMb, ...read, problems }
}

const codec = messagePack()

/** Decodes a frame, its entries and their messages. Throws what is no error of a decoder. */
function decodeAll(parts, counts) {
  let frame
  try {
    frame = decodeFrame(parts)
  } catch (error) {
    if (error instanceof MalformedFrame) return
    throw error
  }
  counts.valid++
  if (frame.type !== 'data') return
  for (const batch of frame.batches) decodeBatch(batch, counts)
}

function decodeBatch(batch, counts) {
  const cursor = new EntryCursor(batch)
  try {
    for (let entry = 0; entry < batch.count; entry++) {
      cursor.next()
      decodeMessage(cursor, counts)
    }
  } catch (error) {
    if (!(error instanceof MalformedFrame)) throw error
  }
}

function decodeMessage({ body, start, end, owned }, counts) {
  try {
    codec.decode(body, start, end, owned)
    counts.messages++
  } catch (error) {
    if (!(error instanceof NotDecodableError)) throw error
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

function usedBytes() {
  collectGarbage()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}
