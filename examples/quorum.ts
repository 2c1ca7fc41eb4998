/** Quorum: a value counts as stored once a majority of five nodes has it. */
import { BROADCAST, createNode, majority, replyWith } from 'rx-cluster'
import { catchError, filter, firstValueFrom, map, of, takeUntil, timer } from 'rxjs'
import { localConfig } from './local-config.ts'

// Node 5 is never started: three of five are enough.
const config = await localConfig('store', 5)
const one = await createNode(config, 1)
const others = await Promise.all([2, 3, 4].map((pid) => createNode(config, pid)))
for (const node of others) node.inbox.pipe(replyWith(node, () => ['ok'])).subscribe()
await firstValueFrom(one.ready(3))

// The caller chooses the msgId of the broadcast, so that it can match the replies of all peers.
const store = (value: string, msgId: number): Promise<string> => {
  const result = one.inbox.pipe(
    filter(({ re }) => re === msgId),
    takeUntil(timer(500)),
    majority(one.peers),
    map(({ answers }) => `stored by this node and ${answers.length} others`),
    catchError((error: Error) => of(`not stored, ${error.message}`)),
  )
  one.outbox.next({ pid: BROADCAST, msgId, msg: { value }, ttlMs: 500 })
  return firstValueFrom(result)
}

console.log('four of five nodes run:', await store('blue', 1))
await Promise.all(others.filter(({ pid }) => pid > 2).map((node) => node.close()))
console.log('two of five nodes run:', await store('green', 2))
await Promise.all([one, ...others].map((node) => node.close()))
