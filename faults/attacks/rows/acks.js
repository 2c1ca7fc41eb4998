/** A listener that acknowledges what it should not, or nothing. The victim sends 20 KB to it. */
import { encodeFrame } from '../../../dist/protocol/wire/encode-frame.js'

const HUGE_BYTES = 64 * 2 ** 20
const HANG_UP_MS = 3_000
const REJECTIONS = 50_000
const GAPS_PER_TURN = 20

/** Listens, waits for the victim, and repeats `frame` for it. */
function repeat(act, { perTurn = 1 } = {}) {
  return async (attacker) => {
    const listener = await attacker.listen()
    const caller = await listener.caller()
    for (let round = 0; !attacker.over; round++) {
      for (let sent = 0; sent < perTurn; sent++) {
        attacker.count('frames')
        const present = listener.callers.values().next().value ?? caller
        await act(listener, present, attacker, round)
      }
      await attacker.wait(1)
    }
  }
}

const ackRow = (name, about, run, more = {}) => ({
  name,
  letter: 'g',
  talks: true,
  about,
  run,
  ...more,
})

function rejections(count) {
  return Array.from({ length: count }, (_, index) => ({
    sequence: index + 1,
    reason: 'malformed',
    detail: 'forged',
  }))
}

function flipped(bytes, random) {
  bytes[Math.floor(random() * bytes.length)] ^= 1 << Math.floor(random() * 8)
  return bytes
}

export const ACKS = [
  ackRow(
    'gap-unread',
    'says that entries are missing, reads nothing, and hangs up',
    async (attacker) => {
      const listener = await attacker.listen()
      const caller = await listener.caller()
      listener.stopReading()
      const endMs = performance.now() + HANG_UP_MS
      while (!attacker.over && performance.now() < endMs) {
        for (let sent = 0; sent < GAPS_PER_TURN; sent++) {
          attacker.count('frames')
          await listener.ack(caller, { gap: true })
        }
        await attacker.wait(5)
      }
    },
    { finding: 'F2' },
  ),
  ackRow(
    'gap-read',
    'says for ever that entries are missing, and reads them',
    repeat((listener, caller) => listener.ack(caller, { gap: true }), { perTurn: GAPS_PER_TURN }),
    { finding: 'F8' },
  ),
  ackRow('never-ack', 'acknowledges nothing', async (attacker) => {
    const listener = await attacker.listen()
    await listener.caller()
    await attacker.untilOver()
  }),
  ackRow(
    'ack-nonsense',
    'ACK beyond what was sent, backwards, of other epochs, with credit of 2^32 - 1',
    repeat(async (listener, caller, attacker, round) => {
      const beyond = { settled: 2 ** 53 - 1, received: 2 ** 53 - 1 }
      const most = { credit: 2 ** 32 - 1, replyCredit: 2 ** 32 - 1 }
      const kinds = [beyond, { settled: 5, received: 1 }, most, { epoch: 99 }, { toEpoch: 99 }]
      await listener.ack(caller, kinds[round % kinds.length])
      await listener.ack(caller, { rejections: rejections(1_000) })
    }),
  ),
  ackRow(
    'giant-ack',
    `an ACK of ${HUGE_BYTES / 2 ** 20} MiB`,
    repeat((listener, caller) => {
      const bytes = Buffer.alloc(HUGE_BYTES)
      bytes[0] = 7
      return listener.send(caller.id, bytes)
    }),
  ),
  ackRow(
    'many-rejections',
    `ACK with ${REJECTIONS} rejections`,
    repeat((listener, caller) => listener.ack(caller, { rejections: rejections(REJECTIONS) })),
  ),
  ackRow(
    'welcome-flips',
    'WELCOME with changed bits',
    repeat((listener, caller, { pids, random }) => {
      const { incarnation } = listener
      const limits = { features: 3, maxMessageBytes: 2 ** 24, maxMessageValues: 65_536 }
      const sessions = [caller.report]
      const welcome = { type: 'welcome', nonce: 0, pid: pids.attacker, incarnation }
      return listener.send(
        caller.id,
        flipped(encodeFrame({ ...welcome, ...limits, sessions }), random),
      )
    }),
  ),
  ackRow(
    'refusals',
    'REFUSED for every reason, with final positions',
    repeat((listener, caller, { pids }, round) => {
      const reasons = ['not-a-member', 'wrong-pid', 'superseded', 'hello-required', 'not-proven']
      const { epoch, toEpoch } = caller.report
      const final = { incarnation: listener.incarnation, epoch, toEpoch, settled: round }
      const reason = reasons[round % reasons.length]
      const refusal = { nonce: 0, pids: [pids.victim], reason, detail: 'forged' }
      const frame = { type: 'refused', ...refusal, ...(round % 2 === 0 ? {} : { final }) }
      return listener.send(caller.id, encodeFrame(frame))
    }),
  ),
]
