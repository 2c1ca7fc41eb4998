/**
 * A node of a build, for `check:wire`: `node checks/wire-program.js DIR PID BIND`.
 *
 * Reads one JSON object per line from stdin, and calls the method of that name with its value:
 * `{"addPeer": {…}}`, `{"send": {…}}`, `{"close": null}`. Prints events, envelopes, receipts and
 * dead letters the same way. It uses what builds of every wire version have.
 */
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [directory, pid, bind] = process.argv.slice(2)
const { createNode } = await import(pathToFileURL(join(directory, 'dist', 'index.js')).href)

const print = (line) =>
  console.log(JSON.stringify(line, (_, value) => (value instanceof Error ? String(value) : value)))

const self = { pid: Number(pid), endpoint: 'tcp://127.0.0.1:1', bind }
const node = await createNode({ cluster: 'wire', closeTimeoutMs: 100, peers: [self] }, self.pid)
node.events.subscribe((event) => print(event))
node.inbox.subscribe(({ msg, headers }) => print({ type: 'received', msg, headers }))
node.deadLetters.subscribe(({ reason, outcome, envelope, msg = envelope?.msg }) =>
  print({ type: 'dead', reason, outcome, msg }),
)

const methods = {
  addPeer: (peer) => node.addPeer(peer),
  send: (envelope) => {
    node.deliver(envelope).subscribe({
      next: () => print({ type: 'delivered', msg: envelope.msg }),
      error: () => {},
    })
  },
  close: async () => {
    await node.close()
    process.exit()
  },
}

node.bound().subscribe((endpoint) => print({ type: 'listens', endpoint }))
for await (const line of createInterface({ input: process.stdin })) {
  for (const [name, value] of Object.entries(JSON.parse(line))) methods[name](value)
}
await methods.close()
