/** Late replies: the successor of a process that asked never gets them. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Observable, Subject, delayWhen, filter, firstValueFrom, map, of, take } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import type { DeadLetter } from '../../src/model/dead-letter.ts'
import type { Envelope } from '../../src/model/envelope.ts'
import { Real } from './real.ts'
import { reply } from '../../src/model/envelope.ts'
import { replyWith } from '../../src/operators/reply-with.ts'
import { request } from '../../src/operators/request.ts'
import { simulate } from '../../src/testing.ts'

const PROGRAM = fileURLToPath(new URL('programs/asking.js', import.meta.url))

let real = new Real()
afterEach(async () => {
  await real.close()
  real = new Real()
})

/** Starts a process that asks; its lines are its address, and the reply. */
function ask(question: string, server: string, bind: string) {
  const child = spawn(process.execPath, [PROGRAM, question, server, bind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string> => String((await lines.next()).value)
  return { child, nextLine, exited: once(child, 'exit') }
}

describe.each(['SIGKILL', 'SIGTERM'] as const)('a process that asked and ended by %s', (signal) => {
  it('is not confused with its successor: each gets the reply to its own question', async () => {
    const { node: server, endpoint } = await real.open(2)
    const questions = new Subject<string>()
    const mayReply = new Subject<void>()
    server.inbox
      .pipe(
        map((envelope) => (questions.next(String(envelope.msg)), envelope)),
        // The question of the first process is answered once its successor waits.
        replyWith(server, ({ msg }) => of(`price of ${msg}`).pipe(delayWhen(() => mayReply))),
      )
      .subscribe()
    const dead = firstValueFrom(server.deadLetters)

    const first = ask('gold', endpoint, 'tcp://127.0.0.1:0')
    const address = await first.nextLine()
    const asked = firstValueFrom(questions)
    server.addPeer({ pid: 1, endpoint: address })
    expect(await asked).toBe('gold')
    first.child.kill(signal)
    await first.exited

    const second = ask('lead', endpoint, address)
    const askedAgain = firstValueFrom(questions)
    await second.nextLine()
    expect(await askedAgain).toBe('lead')
    mayReply.next()
    expect(await second.nextLine()).toBe('price of lead')
    await second.exited
    expect(await dead).toMatchObject({
      envelope: { pid: 1, msg: 'price of gold' },
      reason: 'peer-restarted',
      outcome: 'not-delivered',
    })
  }, 30_000)
})

/** Node 1 asks for gold in its first incarnation, for lead in the next one. */
function asker(node: Parameters<typeof request>[0], incarnation: number): Observable<string> {
  const question = incarnation === 1 ? 'gold' : 'lead'
  return request(node, { pid: 2, msg: question }, { timeoutMs: 30_000 }).pipe(
    map(({ msg }) => `${question}: ${msg}`),
  )
}

describe('in a simulation', () => {
  it.each(['dead-letter', 'resend'] as const)('with onRestart %s', (onRestart) => {
    const dead: DeadLetter[] = []
    const replies: string[] = []
    let incarnation = 0
    const replyTimer = new Subject<void>()
    const protocol = (node: Parameters<Parameters<typeof simulate>[0]['protocol'] & {}>[0]) => {
      if (node.pid === 1) {
        asker(node, ++incarnation).subscribe((text) => replies.push(text))
        return
      }
      node.deadLetters.subscribe((letter) => dead.push(letter))
      node.inbox
        .pipe(replyWith(node, ({ msg }) => of(`price of ${msg}`).pipe(delayWhen(() => replyTimer))))
        .subscribe()
    }
    const network = '- 300ms (crash 1) 100ms (restart 1)'
    simulate({ peers: 2, connected: true, protocol, network, limits: { onRestart } }, (world) => {
      world.run(1_000)
      replyTimer.next()
      world.run(1_000)
    })
    expect(replies).toEqual(['lead: price of lead'])
    expect(dead.map(({ envelope, reason }) => [envelope.msg, reason])).toEqual([
      ['price of gold', 'peer-restarted'],
    ])
  })
})

describe('a reply after removePeer and addPeer', () => {
  it('is for the incarnation that asked: the same one gets it, a successor does not', async () => {
    const { node: server, endpoint } = await real.open(2)
    const client = await real.open(1, { peers: new Map([[2, { pid: 2, endpoint }]]) })
    const question = firstValueFrom(server.inbox)
    server.addPeer({ pid: 1, endpoint: client.endpoint })
    client.node.outbox.next({ pid: 2, msg: 'ready?' })
    const asked: Envelope = await question
    server.removePeer(1)
    server.addPeer({ pid: 1, endpoint: client.endpoint })
    const taken = firstValueFrom(client.node.inbox)
    server.outbox.next(reply(asked, 'yes'))
    expect((await taken).msg).toBe('yes')

    await client.node.close()
    server.removePeer(1)
    const dead = firstValueFrom(
      server.deadLetters.pipe(
        filter(({ envelope }) => envelope.re === asked.msgId),
        take(1),
      ),
    )
    const received: unknown[] = []
    const successor = await real.open(1, {
      bind: client.endpoint,
      peers: new Map([[2, { pid: 2, endpoint }]]),
    })
    successor.node.inbox.subscribe(({ msg }) => received.push(msg))
    server.addPeer({ pid: 1, endpoint: client.endpoint })
    server.outbox.next(reply(asked, 'too late'))
    expect(await dead).toMatchObject({ reason: 'peer-restarted', outcome: 'not-delivered' })
    await firstValueFrom(server.deliver({ pid: 1, msg: 'next' }))
    expect(received).toEqual(['next'])
  })
})
