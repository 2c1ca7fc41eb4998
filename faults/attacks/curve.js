/** The mechanism CURVE by hand, as a client: a member that has a key and breaks the rules. */
import { command, part, properties } from './zmtp.js'
import { open, publicKeyOf, seal, sharedKey } from './nacl-box.js'
import { randomBytes } from 'node:crypto'

const FLAG_MORE = 1
const FLAG_COMMAND = 2

/**
 * Creates the mechanism of one connection (RFC 26 of ZeroMQ).
 *
 * @param keys `secretKey` of the client and `serverKey`, the public key of the server; 32 bytes each
 * @param claims as for `ready`: the type of its socket, and the routing id that it claims
 */
export function curveMechanism({ secretKey, serverKey }, claims = {}) {
  const { socketType = 'DEALER', identity = '' } = claims
  const transientSecret = randomBytes(32)
  const transientPublic = publicKeyOf(transientSecret)
  let sessionKey
  let sent = 0n

  const nextNonce = (prefix) => {
    const nonce = Buffer.alloc(8)
    nonce.writeBigUInt64BE(++sent)
    return [nonce, Buffer.concat([Buffer.from(prefix), nonce])]
  }

  const initiate = (welcome) => {
    const nonce = Buffer.concat([Buffer.from('WELCOME-'), welcome.subarray(0, 16)])
    const plain = open(welcome.subarray(16), nonce, sharedKey(serverKey, transientSecret))
    if (plain === undefined) return undefined
    const [serverTransient, cookie] = [plain.subarray(0, 32), plain.subarray(32)]
    sessionKey = sharedKey(serverTransient, transientSecret)
    const vouchNonce = randomBytes(16)
    const vouch = seal(
      Buffer.concat([transientPublic, serverKey]),
      Buffer.concat([Buffer.from('VOUCH---'), vouchNonce]),
      sharedKey(serverTransient, secretKey),
    )
    const metadata = properties({ 'Socket-Type': socketType, Identity: identity })
    const [short, long] = nextNonce('CurveZMQINITIATE')
    const text = Buffer.concat([publicKeyOf(secretKey), vouchNonce, vouch, metadata])
    return command('INITIATE', Buffer.concat([cookie, short, seal(text, long, sessionKey)]))
  }

  const sealed = (flags, body) => {
    const [short, long] = nextNonce('CurveZMQMESSAGEC')
    const box = seal(Buffer.concat([Buffer.from([flags]), body]), long, sessionKey)
    return part(Buffer.concat([Buffer.from('\x07MESSAGE'), short, box]))
  }

  return {
    name: 'CURVE',
    hello() {
      const [short, long] = nextNonce('CurveZMQHELLO---')
      const box = seal(Buffer.alloc(64), long, sharedKey(serverKey, transientSecret))
      const head = [Buffer.from([1, 0]), Buffer.alloc(72), transientPublic]
      return command('HELLO', Buffer.concat([...head, short, box]))
    },
    onCommand: (name, body) => (name === 'WELCOME' ? initiate(body) : undefined),
    seal: (body, more) => sealed(more ? FLAG_MORE : 0, body),
    /** Answers an encrypted PING; returns the body of a part, undefined for a command. */
    open(bytes) {
      const nonce = Buffer.concat([Buffer.from('CurveZMQMESSAGES'), bytes.subarray(8, 16)])
      const plain = open(bytes.subarray(16), nonce, sessionKey)
      return plain && { isCommand: (plain[0] & FLAG_COMMAND) !== 0, body: plain.subarray(1) }
    },
    sealCommand: (body) => sealed(FLAG_COMMAND, body),
  }
}
