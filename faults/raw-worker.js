// The same stream with zeromq.js alone, a DEALER and a ROUTER: serves the commands of worker.js
// that
// `stream` sends.
import { setTimeout as sleep } from 'node:timers/promises'
import { Dealer, Router } from 'zeromq'
import { messageOf } from './message.js'
import { DeliveryLog } from './delivery-log.js'
import { serveCommands, settings } from './child-commands.js'

/** All messages have arrived when none did for this long. */
const QUIET_MS = 500

const deliveries = new DeliveryLog()
const router = new Router({ linger: 0 })
const dealer = new Dealer({ linger: 0 })
let granted = 0
let lastMs = performance.now()
await router.bind('tcp://127.0.0.1:*')
void receive()

serveCommands(
  {
    peer: ({ port }) => dealer.connect(`tcp://127.0.0.1:${port}`),
    ready: () => undefined,
    grant: ({ messages }) => void (granted = messages),
    flood: async ({ messages }) => {
      const startMs = performance.now()
      for (let sequence = 0; sequence < messages;) {
        const idle = sequence >= granted
        while (sequence < granted)
          await dealer.send(JSON.stringify(messageOf(settings.pid, sequence++, settings.size)))
        if (idle) await sleep(1)
      }
      return { sent: messages, seconds: (performance.now() - startMs) / 1_000 }
    },
    summary: async ({ sender, sent }) => {
      while (performance.now() - lastMs < QUIET_MS) await sleep(QUIET_MS / 10)
      return deliveries.summary(sender, sent)
    },
    // The socket reports no error, so all that was granted counts as delivered.
    report: () => ({ delivered: granted, dead: 0, inFlight: 0, deadLetters: [], violations: 0 }),
    close: () => process.exit(),
  },
  { port: Number(new URL(router.lastEndpoint).port) },
)

async function receive() {
  for await (const [, body] of router) {
    lastMs = performance.now()
    deliveries.add(JSON.parse(body.toString()))
  }
}
