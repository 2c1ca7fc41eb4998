/** One scenario of `bench/simulate.js` in a process of its own, so that each is weighed alone: prints one line of JSON. */
import { VirtualTimeScheduler } from 'rxjs'
import { VirtualClock } from '../dist/simulation/virtual-clock.js'
import { BROADCAST } from '../dist/index.js'
import { simulate } from '../dist/testing.js'

const WARM_EVENTS = 200_000
/** So many bytes of memory: none of these runs may meet a limit. */
const PLENTY = 2 ** 40

const scenarios = {
  /** `pending` timers, each of which sets the next: all events of a heap of that size. */
  clock({ pending, events }) {
    const clock = new VirtualClock()
    const chance = dice()
    const work = () => void clock.at(clock.nowMs + chance(), work)
    for (let n = 0; n < pending; n++) work()
    const run = (count) => {
      for (let n = 0; n < count; n++) clock.step(Infinity)
    }
    run(WARM_EVENTS)
    return perSecond(events, () => run(events))
  },

  /** The same with RxJS's own; it is slow, so it gets fewer events, and no warm-up. */
  rxjs({ pending, events }) {
    const scheduler = new VirtualTimeScheduler()
    const chance = dice()
    let left = Math.ceil(events / 100)
    const count = left
    const work = () => {
      if (--left > 0) scheduler.schedule(work, chance())
      else scheduler.maxFrames = 0
    }
    for (let n = 0; n < pending; n++) scheduler.schedule(work, chance())
    return perSecond(count, () => scheduler.flush())
  },

  /** One node sends to another, through the full node and link protocol. */
  deliveries({ deliveries }) {
    const burst = 1_000
    let received = 0
    let figure
    const limits = { bufSize: burst * 10, bufBytes: PLENTY, ttlMs: PLENTY }
    simulate({ peers: 2, limits }, (world) => {
      world.node(2).inbox.subscribe(() => received++)
      const send = (count) => {
        const { outbox } = world.node(1)
        const until = received + count
        for (let sent = 0; sent < count; sent += burst) {
          for (let n = 0; n < burst; n++) outbox.next({ pid: 2, msg: { n } })
          world.run(1)
        }
        if (!world.runUntil(() => received === until, 60_000)) throw new Error(`${received} of ${until} arrived`)
      }
      world.run(1_000)
      send(burst * 20)
      figure = perSecond(deliveries, () => send(deliveries))
    })
    return figure
  },

  /** Everybody sends one envelope to everybody. */
  broadcast({ nodes }) {
    let received = 0
    const figure = timed(() => {
      simulate({ peers: nodes }, (world) => {
        for (const pid of world.pids) world.node(pid).inbox.subscribe(() => received++)
        world.run(1_000)
        for (const pid of world.pids) world.node(pid).outbox.next({ pid: BROADCAST, msg: { from: pid } })
        world.runUntil(() => received === nodes * (nodes - 1), 10_000)
      })
    })
    if (received !== nodes * (nodes - 1)) throw new Error(`${received} of ${nodes * (nodes - 1)} arrived`)
    return { ...figure, deliveries: received }
  },

  /** A token goes round: everybody knows the one before and the one behind. */
  ring({ nodes, laps }) {
    const next = (pid) => (pid % nodes) + 1
    const before = (pid) => ((pid + nodes - 2) % nodes) + 1
    let passed = 0
    const figure = timed(() => {
      simulate({ peers: nodes, peersOf: (pid) => [before(pid), next(pid)] }, (world) => {
        for (const pid of world.pids) {
          const { inbox, outbox } = world.node(pid)
          inbox.subscribe(({ msg }) => {
            passed++
            if (passed < nodes * laps) outbox.next({ pid: next(pid), msg: msg + 1 })
          })
        }
        world.run(1_000)
        world.node(1).outbox.next({ pid: 2, msg: 1 })
        world.runUntil(() => passed === nodes * laps, 10 * nodes * laps)
      })
    })
    if (passed !== nodes * laps) throw new Error(`the token was passed on ${passed} times, not ${nodes * laps}`)
    return { ...figure, hops: passed }
  },
}

const [name, settings] = process.argv.slice(2)
console.log(JSON.stringify(scenarios[name](JSON.parse(settings))))

/** Delays in milliseconds, the same in every run. */
function dice() {
  let state = 12_345
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state / 0x7fffffff) * 1_000
  }
}

// Within a simulation the clocks of JavaScript are virtual.
function elapsed(work) {
  const before = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - before) / 1e9
}

function perSecond(count, work) {
  return Math.round(count / elapsed(work))
}

/** The time of all of it, closing included, and the peak of this process, which has done nothing else. */
function timed(work) {
  const seconds = Number(elapsed(work).toFixed(2))
  return { seconds, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }
}
