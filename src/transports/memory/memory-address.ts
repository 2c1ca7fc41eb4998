/**
 * Returns whether a connection to one endpoint reaches another, bound endpoint of a memory
 * network.
 */
import { type Endpoint, isAnyHost } from '../../model/endpoint.ts'

/** Returns whether a connection to `target` reaches `bound`. A bound `*` takes every host. */
export function matches(bound: Endpoint, target: Endpoint): boolean {
  if (bound.scheme === 'tcp' && target.scheme === 'tcp') {
    const isSameHost = bound.host.toLowerCase() === target.host.toLowerCase()
    return bound.port === target.port && (isSameHost || isAnyHost(bound.host))
  }
  if (bound.scheme === 'tcp' || target.scheme === 'tcp') return false
  return bound.scheme === target.scheme && bound.name === target.name
}
