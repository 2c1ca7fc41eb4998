/** One scenario of `simulate.js`, alone in its process: prints one line of JSON. */
import { library, loadTesting, loadVirtualClock, rxjs } from './adapters.js'

const { simulate } = await loadTesting()
const VirtualClock = await loadVirtualClock()

const WARM_EVENTS = 200_000
/** No run reaches a limit. */
const UNLIMITED = 2 ** 31 - 1

// A simulation refuses to have them called by their names.
const monotonicNs = process.hrtime.bigint
const cpuUsage = process.cpuUsage

const scenarios = {
  /** `pending` timers that reschedule themselves: the heap keeps that size. */
  clock({ pending, events }) {
    const clock = new VirtualClock()
    const delay = delays()
    const work = () => void clock.at(clock.nowMs + delay(), work)
    for (let n = 0; n < pending; n++) work()
    const run = (count) => {
      for (let n = 0; n < count; n++) clock.step(Infinity)
    }
    run(WARM_EVENTS)
    return perSecond(events, () => run(events))
  },

  /** The same with the scheduler of RxJS; as it is slow, with fewer events and no warm-up. */
  rxjs({ pending, events }) {
    const scheduler = new rxjs.VirtualTimeScheduler()
    const delay = delays()
    let left = Math.ceil(events / 100)
    const count = left
    const work = () => {
      if (--left > 0) scheduler.schedule(work, delay())
      else scheduler.maxFrames = 0
    }
    for (let n = 0; n < pending; n++) scheduler.schedule(work, delay())
    return perSecond(count, () => scheduler.flush())
  },

  /** One node sends to another, through the full node and link protocol. */
  deliveries({ deliveries }) {
    const burst = 1_000
    let received = 0
    let figure
    const limits = { bufSize: burst * 10, bufBytes: UNLIMITED, ttlMs: UNLIMITED }
    simulate({ peers: 2, limits }, (world) => {
      world.node(2).inbox.subscribe(() => received++)
      const send = (count) => {
        const { outbox } = world.node(1)
        const until = received + count
        for (let sent = 0; sent < count; sent += burst) {
          for (let n = 0; n < burst; n++) outbox.next({ pid: 2, msg: { n } })
          world.run(1)
        }
        if (!world.runUntil(() => received === until, 60_000))
          throw new Error(`${received} of ${until} arrived`)
      }
      world.run(1_000)
      send(burst * 20)
      figure = perSecond(deliveries, () => send(deliveries))
    })
    return figure
  },

  /** Every node sends one envelope to every other. */
  broadcast({ nodes }) {
    let received = 0
    const figure = timed(() => {
      simulate({ peers: nodes }, (world) => {
        for (const pid of world.pids) world.node(pid).inbox.subscribe(() => received++)
        world.run(1_000)
        for (const pid of world.pids)
          world.node(pid).outbox.next({ pid: library.BROADCAST, msg: { from: pid } })
        world.runUntil(() => received === nodes * (nodes - 1), 10_000)
      })
    })
    if (received !== nodes * (nodes - 1))
      throw new Error(`${received} of ${nodes * (nodes - 1)} arrived`)
    return { ...figure, deliveries: received }
  },

  /** Every node connects to every other, and the test waits until all links are up. */
  connected({ nodes }) {
    return timed(() => simulate({ peers: nodes, connected: true }, () => {}))
  },

  /** A token travels around a ring: each node has two peers. */
  ring({ nodes, rounds }) {
    const next = (pid) => (pid % nodes) + 1
    const before = (pid) => ((pid + nodes - 2) % nodes) + 1
    let passed = 0
    const figure = timed(() => {
      simulate({ peers: nodes, peersOf: (pid) => [before(pid), next(pid)] }, (world) => {
        for (const pid of world.pids) {
          const { inbox, outbox } = world.node(pid)
          inbox.subscribe(({ msg }) => {
            passed++
            if (passed < nodes * rounds) outbox.next({ pid: next(pid), msg: msg + 1 })
          })
        }
        world.run(1_000)
        world.node(1).outbox.next({ pid: 2, msg: 1 })
        world.runUntil(() => passed === nodes * rounds, 10 * nodes * rounds)
      })
    })
    if (passed !== nodes * rounds)
      throw new Error(`the token was passed on ${passed} times, not ${nodes * rounds}`)
    return { ...figure, hops: passed }
  },
}

const [name, settings, clock] = process.argv.slice(2)
const isCpuTime = clock === 'cpu'
console.log(JSON.stringify(scenarios[name](JSON.parse(settings))))

/** Delays in milliseconds, the same sequence in every run. */
function delays() {
  let state = 12_345
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state / 0x7fffffff) * 1_000
  }
}

/**
 * Seconds by the wall clock; in a comparison of builds seconds of CPU time, which other processes
 * of the machine affect less. Within a simulation `performance.now` is virtual; neither of these
 * is.
 */
function elapsed(work) {
  const [start, cpu] = [monotonicNs(), cpuUsage()]
  work()
  const { user, system } = cpuUsage(cpu)
  if (isCpuTime) return (user + system) / 1e6
  return Number(monotonicNs() - start) / 1e9
}

function perSecond(count, work) {
  return Math.round(count / elapsed(work))
}

/** @returns the time including close, and the peak memory of this process */
function timed(work) {
  const seconds = Number(elapsed(work).toFixed(2))
  return { seconds, megabytes: Math.round(process.resourceUsage().maxRSS / 1024) }
}
