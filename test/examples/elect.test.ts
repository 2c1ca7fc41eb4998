/** The election of the examples: in memory over virtual time and broken networks, and over ZeroMQ. */
import { type Reign, elect } from '../../examples/elect.ts'
import { Real, until } from '../node/real.ts'
import { World, peerOf } from '../node/world.ts'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClusterNode } from '../../src/node/cluster-node.ts'
import type { Peers } from '../../src/model/peer.ts'
import type { Pid } from '../../src/model/pid.ts'
import { EMPTY, type Observable, ReplaySubject } from 'rxjs'
import { seededChance } from '../../src/core/chance.ts'

interface Claim {
  readonly term: number
  readonly leads: boolean
}

const WAITS = { everyMs: 100, patienceMs: 300 }
/** Long enough for several campaigns, the first of which may be a draw. */
const ELECTION_MS = 6_000

/** What was seen of an election, and what must never be. */
class Witness {
  readonly reigns = new Map<Pid, Reign[]>()
  readonly #leaders = new Map<number, Set<Pid>>()
  readonly #votes = new Map<string, Set<Pid>>()
  readonly ended: Pid[] = []

  watch(node: ClusterNode, world?: World): ReplaySubject<Reign> {
    const { pid } = node
    const seen: Reign[] = []
    const reigns = new ReplaySubject<Reign>()
    this.reigns.set(pid, seen)
    reigns.subscribe({
      next: (reign) => {
        seen.push(reign)
        if (reign.leader !== undefined) note(this.#leaders, reign.term, reign.leader)
      },
      complete: () => this.ended.push(pid),
    })
    elect(node, WAITS, world?.environment).subscribe(reigns)
    // Every vote passes an inbox: that of whom it is for, or, with a claim, that of everybody else.
    node.inbox.subscribe(({ pid: from, msg }) => {
      const { yes, term, leads } = msg as { yes?: Claim } & Partial<Claim>
      if (yes?.leads === false) note(this.#votes, `${from} in term ${yes.term}`, pid)
      if (leads === false) note(this.#votes, `${from} in term ${term}`, from)
    })
    return reigns
  }

  last(pid: Pid): Reign | undefined {
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

function note<K>(map: Map<K, Set<Pid>>, key: K, pid: Pid): void {
  const pids = map.get(key) ?? new Set()
  map.set(key, pids.add(pid))
}

/** Nodes in memory whose links can be broken one by one: each calls the others by a name of its own. */
class Town {
  readonly world: World
  readonly witness = new Witness()
  readonly nodes: readonly ClusterNode[]
  readonly #pids: readonly Pid[]

  constructor(count: number, seed = 1) {
    this.world = new World(seed)
    this.#pids = Array.from({ length: count }, (_, index) => index + 1)
    this.nodes = this.#pids.map((pid) => {
      const peers: Peers = new Map(
        this.#pids
          .filter((to) => to !== pid)
          .map((to) => [to, { pid: to, endpoint: name(pid, to) }]),
      )
      const members = new Map([...peers.keys(), pid].map((to) => [to, peerOf(to)]))
      return this.world.open(pid, this.#pids, { bind: `tcp://*:${5000 + pid}`, peers, members })
    })
    for (const node of this.nodes) this.witness.watch(node, this.world)
  }

  run(ms = ELECTION_MS): void {
    this.world.run(ms)
  }

  /** Only those who stand in one group reach each other. */
  divide(...groups: readonly (readonly Pid[])[]): void {
    const { network } = this.world
    for (const from of this.#pids) {
      for (const to of this.#pids) {
        const apart = !groups.some((group) => group.includes(from) && group.includes(to))
        network.refuse(name(from, to), apart)
        if (apart) network.cut(name(from, to))
      }
    }
  }

  heal(): void {
    this.divide(this.#pids)
  }

  /** Whom these nodes follow; more than one if they disagree. */
  leaders(pids = this.#pids): readonly (Pid | undefined)[] {
    return [...new Set(pids.map((pid) => this.witness.leaderOf(pid)))]
  }
}

function name(from: Pid, to: Pid): string {
  return `tcp://from-${from}:${5000 + to}`
}

const others = (all: readonly Pid[], ...without: readonly Pid[]): Pid[] =>
  all.filter((pid) => !without.includes(pid))

describe('an election in memory', () => {
  const ALL = [1, 2, 3, 4, 5]
  let town: Town
  afterEach(() => {
    town.world.end()
    expect(town.witness.violations).toEqual([])
  })

  it.each([1, 2, 3, 4, 5, 6])('ends with one leader whom everybody follows (seed %i)', (seed) => {
    town = new Town(5, seed)
    town.run()
    expect(town.leaders()).toEqual([expect.any(Number)])
    expect(new Set(ALL.map((pid) => town.witness.last(pid)?.term)).size).toBe(1)
  })

  it('keeps a leader that is well', () => {
    town = new Town(5)
    town.run()
    const before = town.witness.last(1)
    town.run(60_000)
    expect(town.witness.last(1)).toBe(before)
  })

  it('needs nobody else where there is nobody else', () => {
    town = new Town(1)
    town.run()
    expect(town.witness.last(1)).toEqual({ leader: 1, term: 1 })
  })

  it('finds another leader when the leader closes, whose own election then ends', () => {
    town = new Town(5)
    town.run()
    const [first = 0] = town.leaders()
    const term = town.witness.last(first)?.term ?? 0
    void town.nodes[first - 1]?.close()
    town.run()
    const rest = others(ALL, first)
    const [second = 0, ...more] = town.leaders(rest)
    expect([more, rest.includes(second), town.witness.ended]).toEqual([[], true, [first]])
    expect(town.witness.last(second)?.term).toBeGreaterThan(term)
  })

  it('leaves a minority without a leader, even with the one it had, and heals', () => {
    town = new Town(5)
    town.run()
    const [first = 0] = town.leaders()
    const [friend = 0, ...rest] = others(ALL, first)
    town.divide([first, friend], rest)
    town.run()
    expect(town.leaders([first, friend])).toEqual([undefined])
    const [second, ...more] = town.leaders(rest)
    expect([more, rest]).toEqual([[], expect.arrayContaining([second])])
    town.heal()
    town.run()
    expect(town.leaders()).toEqual([expect.any(Number)])
  })

  it('has no leader while nobody reaches a majority', () => {
    town = new Town(5)
    town.divide([1, 2], [3, 4], [5])
    town.run(30_000)
    expect(town.leaders()).toEqual([undefined])
    expect(town.witness.terms).toBe(0)
  })

  it.each(Array.from({ length: 20 }, (_, seed) => seed))(
    'never has two leaders in a term, however the network is cut (seed %i)',
    (seed) => {
      town = new Town(5, seed)
      const chance = seededChance(seed + 1_000)
      for (let step = 0; step < 30; step++) {
        const here = ALL.filter(() => chance() < 0.6)
        town.divide(here, others(ALL, ...here))
        town.run(Math.floor(chance() * 2_000))
      }
      town.heal()
      town.run()
      expect(town.leaders()).toEqual([expect.any(Number)])
    },
  )
})

describe('an election over ZeroMQ', () => {
  const real = new Real()
  afterEach(() => real.close())

  it('goes on until too few are left', async () => {
    const nodes = await real.cluster(3)
    const witness = new Witness()
    const watched = nodes.map((node) => [node.pid, witness.watch(node)] as const)
    const reigns = new Map(watched)
    const reignsOf = (pid: Pid): Observable<Reign> => reigns.get(pid) ?? EMPTY
    const leads = ({ leader }: Reign): boolean => leader !== undefined
    const agreed = async (pids: readonly Pid[], after: number): Promise<Reign> => {
      const so = (reign: Reign): boolean => leads(reign) && reign.term > after
      const found = await Promise.all(pids.map((pid) => until(reignsOf(pid), so)))
      return found.reduce((a, b) => (b.term > a.term ? b : a))
    }
    const leave = (pid = 0): Promise<void> | undefined => nodes[pid - 1]?.close()

    const first = await agreed([1, 2, 3], 0)
    await leave(first.leader)
    const rest = others([1, 2, 3], first.leader ?? 0)
    const second = await agreed(rest, first.term)
    expect(rest).toContain(second.leader)
    await leave(second.leader)

    // The last one campaigns again and again, and never wins.
    const [last = 0] = others(rest, second.leader ?? 0)
    await until(reignsOf(last), ({ term }: Reign) => term >= second.term + 3)
    expect(witness.reigns.get(last)?.findLast(leads)?.term).toBe(second.term)
    expect(witness.violations).toEqual([])
  })
})
