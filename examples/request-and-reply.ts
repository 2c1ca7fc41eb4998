/** Request and reply: a customer asks a shop, and is answered, or told why there is no answer. */
import { catchError, firstValueFrom, map, of } from 'rxjs'
import { createNode, decodeMessage, replyWith, request } from 'rx-cluster'
import { freeConfig } from './free-ports.ts'
import * as t from 'io-ts'

const config = await freeConfig('market', 2)
const customer = await createNode(config, 1)
const shop = await createNode(config, 2)
await firstValueFrom(customer.ready())

// The shop answers questions of one shape; whatever else arrives is no question.
const PRICES = new Map(Object.entries({ apple: 3, pear: 4 }))
const Question = t.type({ priceOf: t.string })
shop.inbox
  .pipe(
    decodeMessage(Question),
    replyWith(shop, ({ msg }) => of(PRICES.get(msg.priceOf) ?? 'not for sale')),
  )
  .subscribe()

// The customer's question is a stream as well: it emits one answer, or fails with a reason.
const ask = (pid: number, msg: unknown): Promise<string> =>
  firstValueFrom(
    request(customer, { pid, msg }, { timeoutMs: 200 }).pipe(
      map((answer) => `node ${answer.pid} says ${answer.msg}`),
      catchError((error: Error) => of(error.message)),
    ),
  )

console.log('an apple?', await ask(2, { priceOf: 'apple' }))
console.log('the moon?', await ask(2, { priceOf: 'moon' }))
console.log('a joke?', await ask(2, { tell: 'a joke' }))
console.log('anybody else?', await ask(3, { priceOf: 'apple' }))
await Promise.all([customer.close(), shop.close()])
