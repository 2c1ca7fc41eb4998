/** A caller that reads no answer. */
import { encodeFrame } from '../../../dist/protocol/wire/encode-frame.js'
import { bodyOf } from '../attacker-tools.js'

const OFFERS = 1_024

async function flood(attacker, link, frame) {
  for (let sent = 0; !attacker.over && !link.closed; sent++) {
    attacker.count('frames')
    await link.send(frame(sent))
  }
}

export const UNREAD = [
  {
    name: 'unread-pongs',
    letter: 'h',
    about: 'PING, and reads no PONG',
    run: async (attacker) => {
      const { link } = await attacker.session({ reads: false })
      await flood(attacker, link, (token) => [
        encodeFrame({ type: 'ping', token, requestsReports: true }),
      ])
    },
  },
  {
    name: 'unread-rejections',
    letter: 'h',
    about: 'messages that are rejected, and PING for reports of 900 rejections, which are not read',
    run: async (attacker) => {
      const { link, session } = await attacker.session({ reads: false })
      await session.sendBodies(Array.from({ length: 900 }, () => Buffer.from([0xc1])))
      await flood(attacker, link, (token) => [
        encodeFrame({ type: 'ping', token, requestsReports: true }),
      ])
    },
  },
  {
    name: 'unread-refusals',
    letter: 'h',
    finding: 'F6',
    about: `JOIN or PROOF of ${OFFERS} non-members, and reads no REFUSED`,
    run: async (attacker) => {
      const { link, challenge } = await attacker.session({ reads: false })
      const offers = Array.from({ length: OFFERS }, (_, index) => attacker.offer(200_000 + index))
      const frame = attacker.join(offers, challenge)
      await flood(attacker, link, () => [frame])
    },
  },
  {
    name: 'unread-hello-required',
    letter: 'h',
    about: 'DATA without a session, and reads no REFUSED',
    run: async (attacker) => {
      const { link, session } = await attacker.session({ reads: false })
      await link.send([encodeFrame({ type: 'leave', ended: [session.ref] })])
      const body = bodyOf(1)
      await flood(attacker, link, () => {
        void session.sendBodies([body])
        return [encodeFrame({ type: 'join', nonce: 1, offers: [] })]
      })
    },
  },
]
