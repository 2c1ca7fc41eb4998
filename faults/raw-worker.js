// The same stream over zeromq.js by hand, a DEALER and a ROUTER: it answers the orders of worker.js as far as `stream` gives them.
import { setTimeout as sleep } from 'node:timers/promises'
import { Dealer, Router } from 'zeromq'
import { messageOf } from './message.js'
import { Record } from './record.js'
import { settings, takeOrders } from './orders.js'

/** When so long nothing has come, nothing more comes. */
const QUIET_MS = 500

const record = new Record()
const router = new Router({ linger: 0 })
const dealer = new Dealer({ linger: 0 })
let granted = 0
let lastMs = performance.now()
await router.bind('tcp://127.0.0.1:*')
void hear()

takeOrders(
  {
    peer: ({ port }) => dealer.connect(`tcp://127.0.0.1:${port}`),
    ready: () => undefined,
    grant: ({ messages }) => void (granted = messages),
    flood: async ({ messages }) => {
      const startMs = performance.now()
      for (let sequence = 0; sequence < messages; ) {
        const idle = sequence >= granted
        while (sequence < granted) await dealer.send(JSON.stringify(messageOf(settings.pid, sequence++, settings.size)))
        if (idle) await sleep(1)
      }
      return { sent: messages, seconds: (performance.now() - startMs) / 1_000 }
    },
    tally: async ({ sender, sent }) => {
      while (performance.now() - lastMs < QUIET_MS) await sleep(QUIET_MS / 10)
      return record.tally(sender, sent)
    },
    // Nothing was refused, so it believes that everything has arrived.
    report: () => ({ delivered: granted, dead: 0, inFlight: 0, letters: [], lawBroken: 0 }),
    close: () => process.exit(),
  },
  { port: Number(new URL(router.lastEndpoint).port) },
)

async function hear() {
  for await (const [, body] of router) {
    lastMs = performance.now()
    record.take(JSON.parse(body.toString()))
  }
}
