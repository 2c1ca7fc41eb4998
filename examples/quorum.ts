/** Quorum: a value is stored once a majority of five nodes has it, and not before. */
import { BROADCAST, createNode, majority, replyWith } from 'rx-cluster'
import { catchError, filter, firstValueFrom, map, of, takeUntil, timer } from 'rxjs'
import { freeConfig } from './free-ports.ts'

// Node 5 is never started. Nobody minds, as long as three of five are there.
const config = await freeConfig('store', 5)
const one = await createNode(config, 1)
const others = await Promise.all([2, 3, 4].map((pid) => createNode(config, pid)))
for (const node of others) node.inbox.pipe(replyWith(node, () => ['ok'])).subscribe()
await firstValueFrom(one.ready(3))

// The msgId is chosen here, so that its answers are known, whoever they come from.
const store = (value: string, msgId: number): Promise<string> => {
  const answers = one.inbox.pipe(
    filter(({ re }) => re === msgId),
    takeUntil(timer(500)),
    majority(one.peers),
    map((quorum) => `stored by me and ${quorum.answers.length} others`),
    catchError((error: Error) => of(`not stored, ${error.message}`)),
  )
  one.outbox.next({ pid: BROADCAST, msgId, msg: { value }, ttlMs: 500 })
  return firstValueFrom(answers)
}

console.log('four of five:', await store('blue', 1))
await Promise.all(others.filter(({ pid }) => pid > 2).map((node) => node.close()))
console.log('two of five:', await store('green', 2))
await Promise.all([one, ...others].map((node) => node.close()))
