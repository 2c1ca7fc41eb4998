// One end of a throughput run, in a process of its own: `node throughput-worker.js <contender> <role> <settings>`.
import { contenders } from './contenders.js'

const [name, role, settings] = process.argv.slice(2)
const say = (report) => process.send(report)
const orders = () => new Promise((resolve) => process.once('message', resolve))

const contender = await contenders[name]()
const { messages } = JSON.parse(settings)
process.once('disconnect', () => process.exit(1))

if (role === 'receiver') {
  // Every message must come once, and in its order: the receiver looks at each.
  let next = 0
  let finish
  const all = new Promise((resolve) => (finish = resolve))
  const take = (message) => {
    if (message.sequence !== next) throw new Error(`${name}: expected ${next}, got ${message.sequence}`)
    if (++next === messages) finish(performance.timeOrigin + performance.now())
  }
  const { address, close } = await contender.receive(take)
  say({ address })
  const endMs = await all
  say({ endMs })
  await orders()
  await close()
} else {
  const { address } = await orders()
  const { send, close } = await contender.connect(address)
  say({ ready: true })
  await orders()
  say({ startMs: performance.timeOrigin + performance.now() })
  await send(messages)
  await orders()
  await close()
}
process.disconnect()
