/** A node whose protocol does not get to see some of its mail. */
import { type Observable, filter } from 'rxjs'
import type { ClusterNode } from '../../node/cluster-node.ts'
import type { Envelope } from '../../model/envelope.ts'

/**
 * The same node, but for what its inbox shows.
 *
 * @param passes is asked once for each envelope, in the order they come
 */
export function withholding(
  node: ClusterNode,
  passes: (envelope: Envelope) => boolean,
): ClusterNode {
  const verdicts = new WeakMap<Envelope, boolean>()
  const verdict = (envelope: Envelope): boolean => {
    const known = verdicts.get(envelope)
    if (known !== undefined) return known
    const fresh = passes(envelope)
    verdicts.set(envelope, fresh)
    return fresh
  }
  const inbox: Observable<Envelope> = node.inbox.pipe(filter(verdict))
  return new Proxy(node, {
    get: (target, key) => {
      if (key === 'inbox') return inbox
      const value: unknown = Reflect.get(target, key, target)
      // Methods of a node reach for private fields, which a proxy has not.
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}
