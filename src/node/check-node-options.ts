/**
 * Checks the options `transport`, `environment` and `probe` of a node; the config checks the
 * others.
 */
import { AN_OBJECT, A_SCHEDULER, checkArgument, withMethods } from '../model/check-arguments.ts'
import type { Environment } from '../ports/environment.ts'

const TRANSPORT = withMethods('a transport', 'bind', 'connect')
const ENVIRONMENT = withMethods('an environment', 'random', 'monotonicMs', 'microtask')
const PROBE = withMethods('a probe', 'sent', 'received', 'dead')

/** The ports among the options of a node. */
export interface NodePorts {
  readonly transport?: unknown
  readonly environment?: Environment | undefined
  readonly probe?: unknown
}

/**
 * Checks the ports of a node; its config checks the limits.
 *
 * @param call the name of the function, which stands in the message
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkNodeOptions(call: 'createNode' | 'openNode', options: NodePorts): void {
  checkArgument(call, 'options', options, AN_OBJECT)
  const { transport, environment, probe } = options
  if (transport !== undefined || call === 'openNode') {
    checkArgument(call, 'transport', transport, TRANSPORT)
  }
  if (environment !== undefined) {
    checkArgument(call, 'environment', environment, ENVIRONMENT)
    checkArgument(call, 'environment.scheduler', environment.scheduler, A_SCHEDULER)
  }
  if (probe !== undefined) checkArgument(call, 'probe', probe, PROBE)
}
