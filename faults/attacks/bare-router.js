// What the attacker hits in the control run: a ROUTER of ZeroMQ that drops all that it reads, and
// a DEALER that sends to it.
import { Context, Dealer, Router } from 'zeromq'
import { serveCommands, settings } from '../child-commands.js'
import { setTimeout as sleep } from 'node:timers/promises'

const { keys, attackerPort, talks, talkBytes } = settings
const context = new Context({ blocky: false })
const limits = {
  context,
  linger: 0,
  sendTimeout: 0,
  receiveHighWaterMark: 256,
  handshakeInterval: 2_000,
  heartbeatInterval: 3_000,
  heartbeatTimeout: 6_000,
  maxMessageSize: 17 * 2 ** 20,
}
if (keys !== undefined) await admitOnly(keys.admitted.map((key) => Buffer.from(key, 'hex')))
const curve = keys && {
  curveServer: true,
  curveSecretKey: keys.secretKey,
  zapDomain: 'control',
  zapEnforceDomain: true,
}
const router = new Router({ ...limits, backlog: 1_024, ...curve })
await router.bind('tcp://127.0.0.1:*')
void drain(router)
if (talks) void talk()

serveCommands(
  { report: () => ({}), close: () => process.exit() },
  { port: Number(new URL(router.lastEndpoint).port) },
)

async function drain(socket) {
  for await (const parts of socket) parts.length = 0
}

async function talk() {
  const client = keys && {
    curveServerKey: keys.attackerKey,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
  }
  const dealer = new Dealer({ ...limits, sendHighWaterMark: 50, ...client })
  dealer.connect(`tcp://127.0.0.1:${attackerPort}`)
  void drain(dealer)
  for (;;) {
    await dealer.send(Buffer.alloc(talkBytes)).catch(() => undefined)
    await sleep(1)
  }
}

async function admitOnly(admitted) {
  const zap = new Router({ context, linger: 0 })
  await zap.bind('inproc://zeromq.zap.01')
  void (async () => {
    for await (const [from, empty, version, id, , , , , key] of zap) {
      const status = admitted.some((one) => one.equals(key ?? '')) ? '200' : '400'
      await zap.send([from, empty, version, id, status, '', '', ''])
    }
  })()
}
