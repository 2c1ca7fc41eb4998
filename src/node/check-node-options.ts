/** Checks the ports and the types of the secrets among the options of a node. */
import {
  AN_OBJECT,
  A_SCHEDULER,
  type Rule,
  checkArgument,
  withMethods,
} from '../model/check-arguments.ts'
import type { Environment } from '../ports/environment.ts'
import type { SecretSources } from '../keys/read-secrets.ts'

const TRANSPORT = withMethods('a transport', 'bind', 'connect')
const ENVIRONMENT = withMethods('an environment', 'random', 'monotonicMs', 'microtask')
const TEXT: Rule = { expected: 'text', accepts: (value) => typeof value === 'string' }
const PATH: Rule = {
  expected: 'the path or the file: URL of a file',
  accepts: (value) => typeof value === 'string' || value instanceof URL,
}
const SECRET_RULES: readonly (readonly [keyof SecretSources, Rule])[] = [
  ['secretKey', TEXT],
  ['secretKeyFile', PATH],
  ['clusterSecret', TEXT],
  ['clusterSecretFile', PATH],
]
const PROBE = withMethods('a probe', 'sent', 'received', 'dead')

/** The options that are checked here. */
export interface CheckedOptions extends SecretSources {
  readonly transport?: unknown
  readonly environment?: Environment | undefined
  readonly probe?: unknown
}

/**
 * Checks the ports and secrets of a node; its config checks the limits.
 *
 * @param call the name of the function, which stands in the message
 * @throws ClusterError `INVALID_ARGUMENT`
 */
export function checkNodeOptions(call: 'createNode' | 'openNode', options: CheckedOptions): void {
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
  for (const [name, rule] of SECRET_RULES) {
    if (options[name] !== undefined) checkArgument(call, name, options[name], rule)
  }
}
