/** The election example, on virtual time over faulty networks, and over ZeroMQ. */
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
/** Enough for several candidacies, since the first ones may end without a majority. */
const ELECTION_MS = 6_000

/** Records the states and votes of an election, and finds violations of its invariants. */
class ElectionObserver {
  readonly states = new Map<Pid, ElectionState[]>()
  readonly #leaders = new Map<number, Set<Pid>>()
  readonly #votes = new Map<string, Set<Pid>>()
  readonly ended: Pid[] = []

  watch(node: ClusterNode, world?: World): ReplaySubject<ElectionState> {
    const { pid } = node
    const seen: ElectionState[] = []
    const states = new ReplaySubject<ElectionState>()
    this.states.set(pid, seen)
    states.subscribe({
      next: (state) => {
        seen.push(state)
        if (state.leader !== undefined) addPid(this.#leaders, state.term, state.leader)
      },
      complete: () => this.ended.push(pid),
    })
    elect(node, TIMING, world?.environment).subscribe(states)
    // Every vote passes an inbox: an answer that of the candidate, a claim those of all others.
    node.inbox.subscribe(({ pid: from, msg }) => {
      const { yes, term, leads } = msg as { yes?: Claim } & Partial<Claim>
      if (yes?.leads === false) addPid(this.#votes, `${from} in term ${yes.term}`, pid)
      if (leads === false) addPid(this.#votes, `${from} in term ${term}`, from)
    })
    return states
  }

  last(pid: Pid): ElectionState | undefined {
    return this.states.get(pid)?.at(-1)
  }

  /** Returns the leader that a node follows. */
  leaderOf(pid: Pid): Pid | undefined {
    return this.last(pid)?.leader
  }

  /** Terms with two leaders, and nodes that voted twice in a term. */
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

/** Nodes in memory. Each has an endpoint per peer, so that single links can be cut. */
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

  /** Cuts every link but those within a group. */
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

  /** Returns the leaders that these nodes follow: one, unless they disagree. */
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

  it.each([1, 2, 3, 4, 5, 6])('ends with one leader that every node follows (seed %i)', (seed) => {
    cluster = new ElectionCluster(5, seed)
    cluster.run()
    expect(cluster.leaders()).toEqual([expect.any(Number)])
    expect(new Set(ALL.map((pid) => cluster.observer.last(pid)?.term)).size).toBe(1)
  })

  it('keeps its leader without faults', () => {
    cluster = new ElectionCluster(5)
    cluster.run()
    const before = cluster.observer.last(1)
    cluster.run(60_000)
    expect(cluster.observer.last(1)).toBe(before)
  })

  it('of one node elects that node', () => {
    cluster = new ElectionCluster(1)
    cluster.run()
    expect(cluster.observer.last(1)).toEqual({ leader: 1, term: 1 })
  })

  it('elects another leader when the leader closes, and completes on the closed node', () => {
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

  it('has no leader in a minority, even with the former leader, and heals', () => {
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

  it('has no leader while no node reaches a majority', () => {
    cluster = new ElectionCluster(5)
    cluster.partition([1, 2], [3, 4], [5])
    cluster.run(30_000)
    expect(cluster.leaders()).toEqual([undefined])
    expect(cluster.observer.terms).toBe(0)
  })

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'has one leader per term under random partitions (seed %i)',
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

  it('goes on until no majority is left', async () => {
    const nodes = await real.cluster(3)
    const observer = new ElectionObserver()
    const watched = nodes.map((node) => [node.pid, observer.watch(node)] as const)
    const states = new Map(watched)
    const statesOf = (pid: Pid): Observable<ElectionState> => states.get(pid) ?? EMPTY
    const leads = ({ leader }: ElectionState): boolean => leader !== undefined
    const awaitAgreement = async (pids: readonly Pid[], after: number): Promise<ElectionState> => {
      const matches = (state: ElectionState): boolean => leads(state) && state.term > after
      const found = await Promise.all(pids.map((pid) => until(statesOf(pid), matches)))
      return found.reduce((a, b) => (b.term > a.term ? b : a))
    }
    const closeNode = (pid = 0): Promise<void> | undefined => nodes[pid - 1]?.close()

    const first = await awaitAgreement([1, 2, 3], 0)
    await closeNode(first.leader)
    const rest = others([1, 2, 3], first.leader ?? 0)
    const second = await awaitAgreement(rest, first.term)
    expect(rest).toContain(second.leader)
    await closeNode(second.leader)

    // The last node is a candidate again and again, without a majority.
    const [last = 0] = others(rest, second.leader ?? 0)
    await until(statesOf(last), ({ term }: ElectionState) => term >= second.term + 3)
    expect(observer.states.get(last)?.findLast(leads)?.term).toBe(second.term)
    expect(observer.violations).toEqual([])
  })
})
