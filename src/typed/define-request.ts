/** The function `defineRequest`. */
import { A_SCHEMA, decodeWith } from '../operators/internal/decode-with.ts'
import type { RequestDefinition } from '../operators/internal/request-definition.ts'
import { checkArgument, checkOptions } from '../model/check-arguments.ts'
import type { AnySchema } from '../ports/schema.ts'

const A_NAME = {
  expected: 'a name of at least one character',
  accepts: (value: unknown) => typeof value === 'string' && value !== '',
}
const PARTS = { required: { name: A_NAME, request: A_SCHEMA, reply: A_SCHEMA } }

/**
 * Defines a kind of request, for `request` at one node and `handle` at another.
 *
 * The message of such a request is `{ request: name, value }`; the reply refers to it by `re`. The
 * form is final: nodes in other languages can use it.
 *
 * @param definition `name` is unique in the cluster; `request` and `reply` are schemas: io-ts
 *   codecs, or synchronous Standard Schemas, as those of zod, valibot and arktype
 * @returns the definition
 * @throws ClusterError `INVALID_ARGUMENT` for a part that is not valid
 * @example
 * ```ts
 * import { createNode, defineRequest, handle, request } from 'rx-cluster'
 * import { firstValueFrom } from 'rxjs'
 * import * as t from 'io-ts'
 *
 * const Price = defineRequest({ name: 'price', request: t.string, reply: t.number })
 * const peers = [1, 2].map((pid) => ({ pid, endpoint: `inproc://price-${pid}` }))
 * const client = await createNode({ cluster: 'price', peers }, 1)
 * const shop = await createNode({ cluster: 'price', peers }, 2)
 *
 * handle(shop, Price, ({ msg }) => msg.length).subscribe()
 * const { msg } = await firstValueFrom(request(client, 2, Price, 'gold'))
 * console.log(msg + 1) // 5
 * await Promise.all([client.close(), shop.close()])
 * ```
 * @see {@link handle}, {@link request}
 */
export function defineRequest<Request extends AnySchema, Reply extends AnySchema>(definition: {
  readonly name: string
  readonly request: Request
  readonly reply: Reply
}): RequestDefinition<Request, Reply> {
  checkArgument('defineRequest', 'definition', definition, {
    expected: '{ name, request, reply }',
    accepts: (value) => typeof value === 'object' && value !== null,
  })
  checkOptions('defineRequest', definition, PARTS)
  const { name, request, reply } = definition
  return {
    name,
    request,
    reply,
    decodeRequest: decodeWith(['defineRequest', 'request'], request),
    decodeReply: decodeWith(['defineRequest', 'reply'], reply),
  }
}
