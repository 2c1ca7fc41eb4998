/** Frames that are valid, and too many or too large. */
import { encodeDataFrame } from '../../../dist/protocol/wire/data-frame.js'
import { bodyOf, nonce } from '../attacker-tools.js'
import { encodeFrame } from '../../../dist/protocol/wire/encode-frame.js'

const STRANGERS_MAX = 65_535
const OFFERS_MAX = 1_024
const RUNS = 4_096
const FIRST_STRANGER = 100_000

/** Sends what `frame` returns until the time is over or the connection is. */
async function flood(attacker, link, frame) {
  let sent = 0
  while (!attacker.over && !link.closed) {
    attacker.count('frames')
    await link.send(frame(sent++))
    // Answers are read meanwhile.
    if (sent % 64 === 0) await attacker.wait(0)
  }
}

async function floodOfGreetings(attacker, offers) {
  const { link, challenge } = await attacker.session()
  await flood(attacker, link, (sent) => [attacker.join(offers(sent), challenge)])
}

/** PROOF is as large, and is not worth an HMAC for each of them. */
function strangers(attacker, count, pidOf = (index) => FIRST_STRANGER + index) {
  const offers = Array.from({ length: count }, (_, index) => attacker.offer(pidOf(index)))
  const proven = offers.map((one) => ({
    ...one,
    publicKey: new Uint8Array(32),
    mac: new Uint8Array(32),
  }))
  const frames = new Map()
  return (challenge, isHello) => {
    const type = isHello ? 'hello' : challenge === undefined ? 'join' : 'proof'
    if (!frames.has(type)) frames.set(type, encode(type))
    return frames.get(type)
  }
  function encode(type) {
    if (type === 'hello') return attacker.hello(offers)
    if (type === 'join') return encodeFrame({ type, nonce: nonce(), offers })
    return encodeFrame({ type, nonce: nonce(), offers: proven })
  }
}

function strangerRow(name, about, count, { isHello = false, pidOf } = {}) {
  return {
    name,
    letter: 'd',
    finding: 'F6',
    about,
    run: async (attacker) => {
      const link = await attacker.connect()
      const challenge = await attacker.greet(link)
      const frame = strangers(attacker, count, pidOf)(challenge, isHello)
      await flood(attacker, link, () => [frame])
    },
  }
}

function pings(requestsReports) {
  return async (attacker) => {
    const { link } = await attacker.session()
    await flood(attacker, link, (token) => [encodeFrame({ type: 'ping', token, requestsReports })])
  }
}

/** Sends DATA of 4,096 batches whose first entries have the numbers of `first`. */
function batches(first) {
  return async (attacker) => {
    const { link, session } = await attacker.session()
    await session.send({ forged: true })
    const body = bodyOf(1)
    const list = Array.from({ length: RUNS }, (_, index) => session.batch([body], first(index)))
    const frame = encodeDataFrame(list.map((batch) => ({ ...batch, settled: 0 })))
    await flood(attacker, link, () => frame)
  }
}

export const FLOODS = [
  strangerRow('hello-unknown', `HELLO of ${OFFERS_MAX} non-members`, OFFERS_MAX, {
    isHello: true,
  }),
  strangerRow('join-unknown', `JOIN or PROOF of ${OFFERS_MAX} non-members`, OFFERS_MAX),
  strangerRow('too-many-unknown', `JOIN or PROOF of ${STRANGERS_MAX} non-members`, STRANGERS_MAX),
  strangerRow('same-pid', `JOIN or PROOF of one pid, ${OFFERS_MAX} times`, OFFERS_MAX, {
    pidOf: () => 3,
  }),
  { name: 'ping', letter: 'd', about: 'PING', run: pings(false) },
  { name: 'ping-report', letter: 'd', about: 'PING that requests reports', run: pings(true) },
  {
    name: 'hello',
    letter: 'd',
    about: 'HELLO of the same node, again and again',
    run: async (attacker) => {
      const link = await attacker.connect()
      const offers = [attacker.offer()]
      await flood(attacker, link, () => [attacker.hello(offers)])
    },
  },
  {
    name: 'incarnations',
    letter: 'd',
    about: 'a new incarnation in every JOIN or PROOF',
    run: (attacker) => floodOfGreetings(attacker, () => [attacker.offer()]),
  },
  {
    name: 'epochs',
    letter: 'd',
    about: 'a new epoch in every JOIN or PROOF',
    run: (attacker) => {
      const { incarnation } = attacker.offer()
      return floodOfGreetings(attacker, (sent) => [
        attacker.offer(undefined, { incarnation, epoch: sent + 1 }),
      ])
    },
  },
  {
    name: 'join-leave',
    letter: 'd',
    about: 'JOIN or PROOF, and LEAVE, in turn',
    run: async (attacker) => {
      const { link, challenge } = await attacker.session()
      const offer = attacker.offer()
      const leave = encodeFrame({ type: 'leave', ended: [offer] })
      const join = attacker.join([offer], challenge)
      await flood(attacker, link, (sent) => [sent % 2 === 0 ? join : leave])
    },
  },
  {
    name: 'leave-many',
    letter: 'd',
    about: `LEAVE of ${OFFERS_MAX} and of ${STRANGERS_MAX} pairs, in turn`,
    run: async (attacker) => {
      const { link } = await attacker.session()
      const frames = [OFFERS_MAX, STRANGERS_MAX].map((count) => {
        const ended = Array.from({ length: count }, (_, pid) => ({ pid: pid + 10, epoch: 1 }))
        return encodeFrame({ type: 'leave', ended })
      })
      await flood(attacker, link, (sent) => [frames[sent % 2]])
    },
  },
  {
    name: 'duplicates',
    letter: 'd',
    about: `DATA of ${RUNS} batches that have arrived before`,
    run: batches(() => 1),
  },
  {
    name: 'gaps',
    letter: 'd',
    about: `DATA of ${RUNS} batches beyond a gap`,
    run: batches((index) => 10 + 2 * index),
  },
  {
    name: 'beyond-credit',
    letter: 'd',
    about: 'DATA without regard to credit',
    run: async (attacker) => {
      const { link, session } = await attacker.session()
      const body = bodyOf('x'.repeat(10_000))
      while (!attacker.over && !link.closed) {
        attacker.count('frames')
        await session.sendBodies([body, body, body])
      }
    },
  },
]
