/** What the mailroom of a node is made of. */
import type { Codec } from '../../ports/codec.ts'
import type { Environment } from '../../ports/environment.ts'
import type { Incarnation } from '../../model/envelope.ts'
import type { LinkPool } from '../links/link-pool.ts'
import type { DispatcherParts } from './dispatcher.ts'
import type { NodeConfig } from '../../config/config.ts'
import { SharedBuffers } from './shared-buffers.ts'
import type { Probe } from '../../ports/probe.ts'
import { EnvelopeEncoder } from './envelope-encoder.ts'
import { maxPartBytes, createLocalNode } from './peer-outbox.ts'

/** Puts them together. */
export function dispatcherParts(
  environment: Environment,
  config: NodeConfig,
  incarnation: Incarnation,
  pool: LinkPool,
  codec: Codec,
  probe: Probe | undefined,
): DispatcherParts {
  return {
    environment,
    config,
    pool,
    encoder: new EnvelopeEncoder(codec, config),
    buffers: new SharedBuffers(codec),
    probe,
    localNode: createLocalNode(config, incarnation),
    options: { maxPartBytes: maxPartBytes(config) },
  }
}
