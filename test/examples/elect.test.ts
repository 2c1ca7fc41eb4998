/** The election of the examples: in memory over virtual time and broken networks, and over ZeroMQ. */
import { type ElectionState, elect } from '../../examples/elect.ts'
import { Real, until } from '../node/real.ts'
import { World } from '../node/world.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import { EMPTY, type Observable, ReplaySubject } from 'rxjs'
import { seededRandom } from '../../src/base/seeded-random.ts'

interface Claim {
  readonly term: number
  readonly leads: boolean
}

const TIMING = { everyMs: 100, timeoutMs: 300 }
/** Long enough for several campaigns, the first of which may be a draw. */
const ELECTION_MS = 6_000

/** What was seen of an election, and what must never be. */
class ElectionObserver {
  readonly reigns = new Map<Pid, ElectionState[]>()
  readonly #leaders = new Map<number, Set<Pid>>()
  readonly #votes = new Map<string, Set<Pid>>()
  readonly ended: Pid[] = []

  watch(node: ClusterNode, world?: World): ReplaySubject<ElectionState> {
    const { pid } = node
    const seen: ElectionState[] = []
    const reigns = new ReplaySubject<ElectionState>()
    this.reigns.set(pid, seen)
    reigns.subscribe({
      next: (reign) => {
        seen.push(reign)
        if (reign.leader !== undefined) addPid(this.#leaders, reign.term, reign.leader)
      },
      complete: () => this.ended.push(pid),
    })
    elect(node, TIMING, world?.environment).subscribe(reigns)
    // Every vote passes an inbox: that of whom it is for, or, with a claim, that of everybody else.
    node.inbox.subscribe(({ pid: from, msg }) => {
      const { yes, term, leads } = msg as { yes?: Claim } & Partial<Claim>
      if (yes?.leads === false) addPid(this.#votes, `${from} in term ${yes.term}`, pid)
      if (leads === false) addPid(this.#votes, `${from} in term ${term}`, from)
    })
    return reigns
  }

  last(pid: Pid): ElectionState | undefined {
    return this.reigns.get(pid)?.at(-1)
  }

  /** Whom a node follows. */
  leaderOf(pid: Pid): Pid | undefined {
    return this.last(pid)?.leader
  }

  /** Terms with two leaders, and nodes that voted for two in a term. */
  get violations(): readonly string[] {
    const all = [...this.#leaders, ...this.#votes]
    return all.flatMap(([key, pids]) => (pids.size > 1 ? [`${key}: ${[...pids].join(', ')}`] : []))
  }

  get terms(): number {
    return this.#leaders.size
  }
}

function addPid<K>(map: Map<K, Set<Pid>>, key: K, pid: Pid): void {
  const pids = map.get(key) ?? new Set()
  map.set(key, pids.add(pid))
}

/** Nodes in memory whose links can be broken one by one: each calls the others by a name of its own. */
class ElectionCluster {
  readonly world: World
  readonly observer = new ElectionObserver()
  readonly nodes: readonly ClusterNode[]
  readonly #pids: readonly Pid[]

  constructor(count: number, seed = 1) {
    this.world = new World(seed)
    this.#pids = Array.from({ length: count }, (_, index) => index + 1)
    this.nodes = this.#pids.map((pid) => {
      const peers: Peers = new Map(
        this.#pids
          .filter((to) => to !== pid)
          .map((to) => [to, { pid: to, endpoint: endpointName(pid, to) }]),
      )
      return this.world.open(pid, this.#pids, { bind: `tcp://*:${5000 + pid}`, peers })
    })
    for (const node of this.nodes) this.observer.watch(node, this.world)
  }

  run(ms = ELECTION_MS): void {
    this.world.run(ms)
  }

  /** Only those who stand in one group reach each other. */
  partition(...groups: readonly (readonly Pid[])[]): void {
    const { network } = this.world
    for (const from of this.#pids) {
      for (const to of this.#pids) {
        const isCut = !groups.some((group) => group.includes(from) && group.includes(to))
        network.refuse(endpointName(from, to), isCut)
        if (isCut) network.cut(endpointName(from, to))
      }
    }
  }

  heal(): void {
    this.partition(this.#pids)
  }

  /** Whom these nodes follow; more than one if they disagree. */
  leaders(pids = this.#pids): readonly (Pid | undefined)[] {
    return [...new Set(pids.map((pid) => this.observer.leaderOf(pid)))]
  }
}

function endpointName(from: Pid, to: Pid): string {
  return `tcp://from-${from}:${5000 + to}`
}

const others = (all: readonly Pid[], ...without: readonly Pid[]): Pid[] =>
  all.filter((pid) => !without.includes(pid))

describe('an election in memory', () => {
  const ALL = [1, 2, 3, 4, 5]
  let cluster: ElectionCluster
  afterEach(() => {
    cluster.world.end()
    expect(cluster.observer.violations).toEqual([])
  })

  it.each([1, 2, 3, 4, 5, 6])('ends with one leader whom everybody follows (seed %i)', (seed) => {
    cluster = new ElectionCluster(5, seed)
    cluster.run()
    expect(cluster.leaders()).toEqual([expect.any(Number)])
    expect(new Set(ALL.map((pid) => cluster.observer.last(pid)?.term)).size).toBe(1)
  })

  it('keeps a leader that is well', () => {
    cluster = new ElectionCluster(5)
    cluster.run()
    const before = cluster.observer.last(1)
    cluster.run(60_000)
    expect(cluster.observer.last(1)).toBe(before)
  })

  it('needs nobody else where there is nobody else', () => {
    cluster = new ElectionCluster(1)
    cluster.run()
    expect(cluster.observer.last(1)).toEqual({ leader: 1, term: 1 })
  })

  it('finds another leader when the leader closes, whose own election then ends', () => {
    cluster = new ElectionCluster(5)
    cluster.run()
    const [first = 0] = cluster.leaders()
    const term = cluster.observer.last(first)?.term ?? 0
    void cluster.nodes[first - 1]?.close()
    cluster.run()
    const rest = others(ALL, first)
    const [second = 0, ...more] = cluster.leaders(rest)
    expect([more, rest.includes(second), cluster.observer.ended]).toEqual([[], true, [first]])
    expect(cluster.observer.last(second)?.term).toBeGreaterThan(term)
  })

  it('leaves a minority without a leader, even with the one it had, and heals', () => {
    cluster = new ElectionCluster(5)
    cluster.run()
    const [first = 0] = cluster.leaders()
    const [follower = 0, ...rest] = others(ALL, first)
    cluster.partition([first, follower], rest)
    cluster.run()
    expect(cluster.leaders([first, follower])).toEqual([undefined])
    const [second, ...more] = cluster.leaders(rest)
    expect([more, rest]).toEqual([[], expect.arrayContaining([second])])
    cluster.heal()
    cluster.run()
    expect(cluster.leaders()).toEqual([expect.any(Number)])
  })

  it('has no leader while nobody reaches a majority', () => {
    cluster = new ElectionCluster(5)
    cluster.partition([1, 2], [3, 4], [5])
    cluster.run(30_000)
    expect(cluster.leaders()).toEqual([undefined])
    expect(cluster.observer.terms).toBe(0)
  })

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'never has two leaders in a term, however the network is cut (seed %i)',
    (seed) => {
      cluster = new ElectionCluster(5, seed)
      const random = seededRandom(seed + 1_000)
      for (let step = 0; step < 30; step++) {
        const group = ALL.filter(() => random() < 0.6)
        cluster.partition(group, others(ALL, ...group))
        cluster.run(Math.floor(random() * 2_000))
      }
      cluster.heal()
      cluster.run()
      expect(cluster.leaders()).toEqual([expect.any(Number)])
    },
  )
})

describe('an election over ZeroMQ', () => {
  const real = new Real()
  afterEach(() => real.close())

  it('goes on until too few are left', async () => {
    const nodes = await real.cluster(3)
    const observer = new ElectionObserver()
    const watched = nodes.map((node) => [node.pid, observer.watch(node)] as const)
    const reigns = new Map(watched)
    const reignsOf = (pid: Pid): Observable<ElectionState> => reigns.get(pid) ?? EMPTY
    const leads = ({ leader }: ElectionState): boolean => leader !== undefined
    const awaitAgreement = async (pids: readonly Pid[], after: number): Promise<ElectionState> => {
      const matches = (reign: ElectionState): boolean => leads(reign) && reign.term > after
      const found = await Promise.all(pids.map((pid) => until(reignsOf(pid), matches)))
      return found.reduce((a, b) => (b.term > a.term ? b : a))
    }
    const closeNode = (pid = 0): Promise<void> | undefined => nodes[pid - 1]?.close()

    const first = await awaitAgreement([1, 2, 3], 0)
    await closeNode(first.leader)
    const rest = others([1, 2, 3], first.leader ?? 0)
    const second = await awaitAgreement(rest, first.term)
    expect(rest).toContain(second.leader)
    await closeNode(second.leader)

    // The last one campaigns again and again, and never wins.
    const [last = 0] = others(rest, second.leader ?? 0)
    await until(reignsOf(last), ({ term }: ElectionState) => term >= second.term + 3)
    expect(observer.reigns.get(last)?.findLast(leads)?.term).toBe(second.term)
    expect(observer.violations).toEqual([])
  })
})
