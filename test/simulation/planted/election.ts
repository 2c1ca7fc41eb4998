/** An election with terms, votes on a disk and a lease, and the bugs that can be switched on in it. */
import { Observable, type Subscription } from 'rxjs'
import { BROADCAST } from '../../../src/model/pid.ts'
import type { Pid } from '../../../src/model/pid.ts'
import type { Protocol, World } from '../../../src/simulation/world.ts'
import { type Leadership, oneLeaderPerTerm } from '../../../src/simulation/one-leader-per-term.ts'
import { complaints, outputs } from './outputs.ts'

export type ElectionBug =
  | 'a vote counted twice'
  | 'a vote forgotten at restart'
  | 'a majority of those within reach'
  | 'one vote too few'
  | 'a vote of an older term counted'
  | 'a leader that does not step down'
  | 'an election timer that is never reset'
  | 'a heartbeat of an older term accepted'
  | 'a campaign that is never given up'
  | 'a promise forgotten at restart'

export type ElectionOutput =
  /** It stands for election. */
  | { readonly type: 'campaigns'; readonly term: number }
  | { readonly type: 'leads'; readonly term: number }
  /** It did something that only a leader may do. */
  | { readonly type: 'acts'; readonly term: number }
  /** It accepted a heartbeat. */
  | { readonly type: 'hears'; readonly term: number }

type Message =
  | { readonly type: 'ask' | 'beat'; readonly term: number; readonly round: number }
  | { readonly type: 'yes' | 'heard'; readonly term: number; readonly round: number }

const BEAT_MS = 100
export const PATIENCE_MS = 300
/** Clocks may differ by a tenth: the leader trusts its lease for less than the others wait. */
const LEASE_MS = 0.8 * PATIENCE_MS

/** @param bug what is wrong with it; healthy without */
export function election(bug?: ElectionBug): Protocol {
  return (node, { storage, scheduler, chance, life }) =>
    new Observable<ElectionOutput>((out) => {
      const members = node.peers.value.size + 1
      let majority = Math.floor(members / 2) + 1
      if (bug === 'one vote too few') majority = Math.floor(members / 2)

      let role: 'follower' | 'candidate' | 'leader' = 'follower'
      let term = (storage.get('term') as number | undefined) ?? 0
      let votedFor = storage.get('votedFor') as Pid | undefined
      // Until then it votes for nobody: it has heard a leader, in this life or in one before.
      let quietUntil = life > 0 ? scheduler.now() + PATIENCE_MS : 0
      if (bug === 'a promise forgotten at restart') quietUntil = 0
      let votes: Pid[] = []
      let round = 0
      const sentAt = new Map<number, number>()
      const heardAt = new Map<Pid, number>()
      let timer: Subscription | undefined

      const wait = (ms: number, work: () => void): void => {
        timer?.unsubscribe()
        timer = scheduler.schedule(work, ms)
      }
      const waitForSilence = (): void => wait(PATIENCE_MS * (1 + chance()), campaign)
      const send = (pid: Pid, msg: Message): void => node.outbox.next({ pid, msg })
      const sendAll = (type: 'ask' | 'beat'): void => {
        sentAt.set(++round, scheduler.now())
        send(BROADCAST, { type, term, round })
      }
      const remember = (newTerm: number, pid: Pid | undefined): void => {
        term = newTerm
        votedFor = pid
        if (bug === 'a vote forgotten at restart') return
        storage.set('term', term).set('votedFor', votedFor)
      }
      const needed = (): number => {
        if (bug !== 'a majority of those within reach') return majority
        const up = [...node.links.value.values()].filter((state) => state === 'up').length
        return Math.floor((up + 1) / 2) + 1
      }

      const campaign = (): void => {
        role = 'candidate'
        votes = []
        heardAt.clear()
        remember(term + 1, node.pid)
        out.next({ type: 'campaigns', term })
        ask(PATIENCE_MS * (1 + chance()))
      }
      const ask = (leftMs: number): void => {
        sendAll('ask')
        const again = leftMs > BEAT_MS || bug === 'a campaign that is never given up'
        wait(BEAT_MS, again ? () => ask(leftMs - BEAT_MS) : follow)
      }
      const follow = (): void => {
        role = 'follower'
        waitForSilence()
      }
      /** How long a majority will vote for nobody else: it heard what was sent so long ago. */
      const leaseEnd = (): number => {
        const heard = [scheduler.now(), ...heardAt.values()].toSorted((a, b) => b - a)
        return (heard[majority - 1] ?? -Infinity) + LEASE_MS
      }
      const act = (): void => {
        const expired = scheduler.now() >= leaseEnd()
        if (expired && bug !== 'a leader that does not step down') return follow()
        out.next({ type: 'acts', term })
        sendAll('beat')
        wait(BEAT_MS, act)
      }

      const hear = (from: Pid, msg: Message): void => {
        const now = scheduler.now()
        if (msg.type === 'ask') {
          const again = msg.term === term && votedFor === from
          if (!again && (msg.term < term || now < quietUntil)) return
          if (msg.term > term) remember(msg.term, undefined)
          if (votedFor !== undefined && !again) return
          remember(term, from)
          quietUntil = now + PATIENCE_MS
          send(from, { type: 'yes', term, round: msg.round })
          follow()
        } else if (msg.type === 'beat') {
          if (msg.term < term && bug !== 'a heartbeat of an older term accepted') return
          if (msg.term !== term) remember(msg.term, undefined)
          quietUntil = now + PATIENCE_MS
          out.next({ type: 'hears', term })
          send(from, { type: 'heard', term, round: msg.round })
          if (bug !== 'an election timer that is never reset') follow()
        } else {
          if (msg.term !== term && bug !== 'a vote of an older term counted') return
          heardAt.set(from, Math.max(heardAt.get(from) ?? 0, sentAt.get(msg.round) ?? 0))
          if (msg.type !== 'yes' || role !== 'candidate') return
          if (!votes.includes(from) || bug === 'a vote counted twice') votes.push(from)
          if (votes.length + 1 < needed()) return
          role = 'leader'
          out.next({ type: 'leads', term })
          act()
        }
      }

      const inbox = node.inbox.subscribe(({ pid, msg }) => hear(pid, msg as Message))
      waitForSilence()
      return () => {
        inbox.unsubscribe()
        timer?.unsubscribe()
      }
    })
}

/** What must hold of an election. */
export function electionChecks(world: World): void {
  const leadershipOf = (value: unknown, leader: Pid): Leadership | undefined => {
    const { type, term } = value as ElectionOutput
    return type === 'leads' ? { term, leader } : undefined
  }
  world.check('one leader per term', oneLeaderPerTerm(leadershipOf))
  world.check('nobody acts for an older term than somebody leads', (trace) => {
    let newest = 0
    return complaints<ElectionOutput>(trace, ({ pid, value }) => {
      if (value.type === 'leads') newest = Math.max(newest, value.term)
      if (value.type !== 'acts' || value.term >= newest) return undefined
      return `${pid} acts for term ${value.term}, and somebody leads in ${newest}`
    })
  })
  world.check('nobody stands for election who hears a leader', (trace) => {
    const heard = new Map<Pid, number>()
    return complaints<ElectionOutput>(trace, ({ pid, value, atMs }) => {
      if (value.type === 'hears') heard.set(pid, atMs)
      if (value.type !== 'campaigns') return undefined
      const silentMs = atMs - (heard.get(pid) ?? -Infinity)
      if (silentMs >= 0.9 * PATIENCE_MS) return undefined
      return `${pid} stands for election in term ${value.term}, and heard a leader just now`
    })
  })
  world.check('no term goes back', (trace) => {
    const terms = new Map<Pid, number>()
    return complaints<ElectionOutput>(trace, ({ pid, value: { term } }) => {
      const before = terms.get(pid) ?? 0
      terms.set(pid, term)
      return term >= before ? undefined : `${pid} was in term ${before}, and is in term ${term}`
    })
  })
}

/** After the last fault somebody leads. */
export function electionEnds(world: World, healedMs: number, withinMs: number): void {
  let acts = false
  world.trace.pipe(outputs<ElectionOutput>()).subscribe(({ value, atMs }) => {
    if (atMs >= healedMs && value.type === 'acts') acts = true
  })
  world.at(healedMs, () => world.eventually('somebody leads', withinMs, () => acts))
}
