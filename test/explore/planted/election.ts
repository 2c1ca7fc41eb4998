/** An election with terms, stored votes and a lease, and the bugs that can be enabled in it. */
import { Observable, type Subscription } from 'rxjs'
import { BROADCAST } from '../../../src/model/pid.ts'
import type { Pid } from '../../../src/model/pid.ts'
import type { Protocol, World } from '../../../src/testing/simulation/world.ts'
import {
  type Leadership,
  oneLeaderPerTerm,
} from '../../../src/testing/simulation/checks/one-leader-per-term.ts'
import { violations, outputs } from './outputs.ts'

export type ElectionBug =
  | 'a vote counted twice'
  | 'a vote forgotten at restart'
  | 'a majority of the reachable nodes'
  | 'one vote too few'
  | 'a vote of an older term counted'
  | 'a leader that does not step down'
  | 'an election timer that is never reset'
  | 'a heartbeat of an older term accepted'
  | 'a campaign that never ends'
  | 'a promise forgotten at restart'

export type ElectionOutput =
  /** The node becomes a candidate. */
  | { readonly type: 'campaigns'; readonly term: number }
  | { readonly type: 'leads'; readonly term: number }
  /** The node did something that only a leader may do. */
  | { readonly type: 'acts'; readonly term: number }
  /** The node accepted a heartbeat. */
  | { readonly type: 'follows'; readonly term: number }

type Message =
  | { readonly type: 'request-vote' | 'heartbeat'; readonly term: number; readonly round: number }
  | { readonly type: 'vote' | 'heartbeat-ack'; readonly term: number; readonly round: number }

const HEARTBEAT_MS = 100
export const ELECTION_TIMEOUT_MS = 300
/** Clocks may differ by a tenth: a lease is shorter than the followers' timeout. */
const LEASE_MS = 0.8 * ELECTION_TIMEOUT_MS

/** @param bug undefined: the election is correct */
export function election(bug?: ElectionBug): Protocol {
  return (node, { storage, scheduler, random, restarts }) =>
    new Observable<ElectionOutput>((out) => {
      const members = node.peers.value.size + 1
      let majority = Math.floor(members / 2) + 1
      if (bug === 'one vote too few') majority = Math.floor(members / 2)

      let role: 'follower' | 'candidate' | 'leader' = 'follower'
      let term = (storage.get('term') as number | undefined) ?? 0
      let votedFor = storage.get('votedFor') as Pid | undefined
      // No vote until then: a leader has a lease, perhaps from before a restart.
      let noVoteUntil = restarts > 0 ? scheduler.now() + ELECTION_TIMEOUT_MS : 0
      if (bug === 'a promise forgotten at restart') noVoteUntil = 0
      let votes: Pid[] = []
      let round = 0
      const sentAt = new Map<number, number>()
      const ackedAt = new Map<Pid, number>()
      let timer: Subscription | undefined

      const setTimer = (ms: number, work: () => void): void => {
        timer?.unsubscribe()
        timer = scheduler.schedule(work, ms)
      }
      const startElectionTimer = (): void =>
        setTimer(ELECTION_TIMEOUT_MS * (1 + random()), campaign)
      const send = (pid: Pid, msg: Message): void => node.outbox.next({ pid, msg })
      const sendAll = (type: 'request-vote' | 'heartbeat'): void => {
        sentAt.set(++round, scheduler.now())
        send(BROADCAST, { type, term, round })
      }
      const saveVote = (newTerm: number, pid: Pid | undefined): void => {
        term = newTerm
        votedFor = pid
        if (bug === 'a vote forgotten at restart') return
        storage.set('term', term).set('votedFor', votedFor)
      }
      const votesNeeded = (): number => {
        if (bug !== 'a majority of the reachable nodes') return majority
        const upLinks = [...node.links.value.values()].filter(({ state }) => state === 'up').length
        return Math.floor((upLinks + 1) / 2) + 1
      }

      const campaign = (): void => {
        role = 'candidate'
        votes = []
        ackedAt.clear()
        saveVote(term + 1, node.pid)
        out.next({ type: 'campaigns', term })
        requestVotes(ELECTION_TIMEOUT_MS * (1 + random()))
      }
      const requestVotes = (leftMs: number): void => {
        sendAll('request-vote')
        const retries = leftMs > HEARTBEAT_MS || bug === 'a campaign that never ends'
        setTimer(HEARTBEAT_MS, retries ? () => requestVotes(leftMs - HEARTBEAT_MS) : follow)
      }
      const follow = (): void => {
        role = 'follower'
        startElectionTimer()
      }
      /** The lease starts at the oldest send time that a majority has acknowledged. */
      const leaseEndMs = (): number => {
        const ackTimes = [scheduler.now(), ...ackedAt.values()].toSorted((a, b) => b - a)
        return (ackTimes[majority - 1] ?? -Infinity) + LEASE_MS
      }
      const lead = (): void => {
        const expired = scheduler.now() >= leaseEndMs()
        if (expired && bug !== 'a leader that does not step down') return follow()
        out.next({ type: 'acts', term })
        sendAll('heartbeat')
        setTimer(HEARTBEAT_MS, lead)
      }

      const onMessage = (from: Pid, msg: Message): void => {
        const now = scheduler.now()
        if (msg.type === 'request-vote') {
          const alreadyVoted = msg.term === term && votedFor === from
          if (!alreadyVoted && (msg.term < term || now < noVoteUntil)) return
          if (msg.term > term) saveVote(msg.term, undefined)
          if (votedFor !== undefined && !alreadyVoted) return
          saveVote(term, from)
          noVoteUntil = now + ELECTION_TIMEOUT_MS
          send(from, { type: 'vote', term, round: msg.round })
          follow()
        } else if (msg.type === 'heartbeat') {
          if (msg.term < term && bug !== 'a heartbeat of an older term accepted') return
          if (msg.term !== term) saveVote(msg.term, undefined)
          noVoteUntil = now + ELECTION_TIMEOUT_MS
          out.next({ type: 'follows', term })
          send(from, { type: 'heartbeat-ack', term, round: msg.round })
          if (bug !== 'an election timer that is never reset') follow()
        } else {
          if (msg.term !== term && bug !== 'a vote of an older term counted') return
          ackedAt.set(from, Math.max(ackedAt.get(from) ?? 0, sentAt.get(msg.round) ?? 0))
          if (msg.type !== 'vote' || role !== 'candidate') return
          if (!votes.includes(from) || bug === 'a vote counted twice') votes.push(from)
          if (votes.length + 1 < votesNeeded()) return
          role = 'leader'
          out.next({ type: 'leads', term })
          lead()
        }
      }

      const inbox = node.inbox.subscribe(({ pid, msg }) => onMessage(pid, msg as Message))
      startElectionTimer()
      return () => {
        inbox.unsubscribe()
        timer?.unsubscribe()
      }
    })
}

/** Registers what must always hold. */
export function electionSafety(world: World): void {
  const leadershipOf = (value: unknown, leader: Pid): Leadership | undefined => {
    const { type, term } = value as ElectionOutput
    return type === 'leads' ? { term, leader } : undefined
  }
  world.check('one leader per term', oneLeaderPerTerm(leadershipOf))
  world.check('only the leader of the newest term acts', (trace) => {
    let newest = 0
    return violations<ElectionOutput>(trace, ({ pid, value }) => {
      if (value.type === 'leads') newest = Math.max(newest, value.term)
      if (value.type !== 'acts' || value.term >= newest) return undefined
      return `node ${pid} acts for term ${value.term}, although term ${newest} has a leader`
    })
  })
  world.check('no candidate just after a heartbeat', (trace) => {
    const lastHeartbeatMs = new Map<Pid, number>()
    return violations<ElectionOutput>(trace, ({ pid, value, atMs }) => {
      if (value.type === 'follows') lastHeartbeatMs.set(pid, atMs)
      if (value.type !== 'campaigns') return undefined
      const silentMs = atMs - (lastHeartbeatMs.get(pid) ?? -Infinity)
      if (silentMs >= 0.9 * ELECTION_TIMEOUT_MS) return undefined
      return `node ${pid} is a candidate in term ${value.term}, ${silentMs} ms after a heartbeat`
    })
  })
  world.check('terms never decrease', (trace) => {
    const terms = new Map<Pid, number>()
    return violations<ElectionOutput>(trace, ({ pid, value: { term } }) => {
      const before = terms.get(pid) ?? 0
      terms.set(pid, term)
      return term >= before
        ? undefined
        : `node ${pid} was in term ${before}, and is in term ${term}`
    })
  })
}

/** Registers that a leader exists after the last fault. */
export function electionLiveness(world: World, healedMs: number, withinMs: number): void {
  let hasLeader = false
  world.trace.pipe(outputs<ElectionOutput>()).subscribe(({ value, atMs }) => {
    if (atMs >= healedMs && value.type === 'acts') hasLeader = true
  })
  world.at(healedMs, () => world.eventually('a leader exists', withinMs, () => hasLeader))
}
