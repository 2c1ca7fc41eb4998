/** A caller says that it is another node, or a listener that it speaks for other pids. */
import { Refused } from '../attacker-tools.js'
import { connect } from 'node:net'
import { encodeFrame } from '../../../dist/protocol/wire/encode-frame.js'
import { encodeDataFrame } from '../../../dist/protocol/wire/data-frame.js'

const EPOCH_MAX = 2 ** 32 - 1
const FORGED_MESSAGES = 20
const PER_CONNECTION = 200

/**
 * Offers sessions of the honest pid, and sends messages on each, whether it was welcomed or not.
 *
 * @param offerOf what is offered; it gets what WELCOME to nobody has told
 */
function spoof(offerOf) {
  return async (attacker) => {
    const link = await attacker.connect()
    const challenge = await attacker.greet(link)
    const learnt = await whatIsTold(attacker, link)
    for (let tries = 0; tries < PER_CONNECTION && !attacker.over && !link.closed; tries++) {
      const offer = offerOf(attacker, learnt, tries)
      attacker.count('spoofs')
      await link.send([attacker.join([offer], challenge)])
      const answer = attacker.isControl
        ? undefined
        : await link.next(({ type }) => type === 'welcome' || type === 'refused', 200)
      if (answer?.type === 'welcome' && answer.sessions.length > 0) attacker.count('accepted')
      await forge(link, offer, answer?.sessions?.[0])
    }
  }
}

/** HELLO that names no member: the answer must not tell an incarnation. */
async function whatIsTold(attacker, link) {
  if (attacker.isControl) return undefined
  await link.send([attacker.hello([])])
  const answer = await link.next(({ type }) => type === 'welcome', 200)
  return answer?.incarnation
}

async function forge(link, { pid, epoch }, report) {
  const body = Buffer.from([0x81, 0xa6, ...Buffer.from('forged'), 0xc3])
  for (const toEpoch of report === undefined ? [1, 2] : [report.toEpoch]) {
    const first = (report?.received ?? 0) + 1
    const entries = Array.from({ length: FORGED_MESSAGES }, (_, index) =>
      entryOf(body, first + index),
    )
    const inlineSize = entries.reduce((sum, { end }) => sum + end, 0)
    const numbers = { settled: first - 1, first, inlineSize, separateParts: 0, urgent: true }
    await link.send(encodeDataFrame([{ pid, epoch, toEpoch, entries, ...numbers }]))
  }
}

function entryOf(body, msgId) {
  const memory = Buffer.alloc(13 + body.length)
  memory.writeUInt32BE(body.length)
  memory.writeUInt32BE(msgId, 9)
  memory.set(body, 13)
  return { memory, start: 0, end: memory.length }
}

export const SPOOFS = [
  {
    name: 'steal-session',
    letter: 'e',
    finding: 'F4',
    about: 'the session of the honest pid, with the incarnation that a WELCOME told',
    run: spoof(({ pids }, incarnation = '0000000000000000') => ({
      pid: pids.honest,
      incarnation,
      epoch: 1,
      settled: 0,
    })),
  },
  {
    name: 'epoch-leap',
    letter: 'e',
    finding: 'F5',
    about: 'the honest pid with the epoch 2^32 - 1',
    run: spoof((attacker, incarnation) =>
      attacker.offer(attacker.pids.honest, {
        epoch: EPOCH_MAX,
        ...(incarnation === undefined ? {} : { incarnation }),
      }),
    ),
  },
  {
    name: 'spoofed-pid',
    letter: 'e',
    finding: 'F5',
    about: 'the honest pid in new incarnations',
    run: spoof((attacker) => attacker.offer(attacker.pids.honest)),
  },
  {
    name: 'replay',
    letter: 'e',
    records: true,
    about: 'the bytes that the honest caller has sent, again',
    run: async (attacker) => {
      const socket = attacker.holds(connect(attacker.settings.port, '127.0.0.1'))
      socket.close = () => socket.destroy()
      socket.on('error', () => undefined)
      const ended = new Promise((resolve) => socket.once('close', resolve))
      socket.resume()
      socket.write(Buffer.from(attacker.settings.recorded, 'hex'))
      attacker.count('replays')
      await Promise.race([ended, attacker.wait(100)])
    },
  },
  {
    name: 'replayed-proof',
    letter: 'e',
    about: 'PROOF or JOIN of one connection on another one',
    run: async (attacker) => {
      const first = await attacker.connect()
      const challenge = await attacker.greet(first)
      const offer = attacker.offer()
      const frame = attacker.join([offer], challenge)
      const second = await attacker.connect()
      await attacker.greet(second)
      await second.send([frame])
      attacker.count('replays')
      const answer = await second.next(({ type }) => type !== 'pong', 200)
      if (answer?.type === 'welcome') attacker.count('accepted')
      if (answer?.type === 'refused') throw new Refused(answer.reason)
    },
  },
  {
    name: 'other-pids',
    letter: 'e',
    talks: true,
    about: 'a listener that acknowledges and refuses sessions of other pids',
    run: async (attacker) => {
      const listener = await attacker.listen()
      const caller = await listener.caller()
      const { honest, victim } = attacker.pids
      while (!attacker.over) {
        for (const pid of [honest, victim, 77]) {
          attacker.count('frames')
          await listener.ack(caller, { pid, settled: 2 ** 40, received: 2 ** 40 })
          const refusal = { nonce: 0, pids: [pid], reason: 'not-a-member', detail: 'forged' }
          if (pid !== victim)
            await listener.send(caller.id, encodeFrame({ type: 'refused', ...refusal }))
        }
        await attacker.wait(1)
      }
    },
  },
]
