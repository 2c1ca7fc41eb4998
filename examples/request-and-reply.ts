/** Request and reply: a client requests prices, and gets a reply or an error that says why not. */
import { catchError, firstValueFrom, map, of } from 'rxjs'
import { createNode, decodeMessage, replyWith, request } from 'rx-cluster'
import { localConfig } from './local-config.ts'
import * as t from 'io-ts'

const config = await localConfig('market', 2)
const client = await createNode(config, 1)
const server = await createNode(config, 2)
await firstValueFrom(client.ready({ timeoutMs: 10_000 }))

// The server replies to requests of one shape, and drops every other message.
const PRICES = new Map(Object.entries({ apple: 3, pear: 4 }))
const PriceRequest = t.type({ priceOf: t.string })
server.inbox
  .pipe(
    decodeMessage(PriceRequest),
    replyWith(server, ({ msg }) => of(PRICES.get(msg.priceOf) ?? 'not for sale')),
  )
  .subscribe()

// A request is a stream, too: it emits one reply, or errors.
const send = (pid: number, msg: unknown): Promise<string> =>
  firstValueFrom(
    request(client, { pid, msg }, { timeoutMs: 200 }).pipe(
      map((reply) => `node ${reply.pid} replied: ${reply.msg}`),
      catchError((error: Error) => of(error.message)),
    ),
  )

console.log('apple:', await send(2, { priceOf: 'apple' }))
console.log('moon:', await send(2, { priceOf: 'moon' }))
console.log('invalid request:', await send(2, { colorOf: 'apple' }))
console.log('unknown peer:', await send(3, { priceOf: 'apple' }))
await Promise.all([client.close(), server.close()])
