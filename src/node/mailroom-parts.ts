/** What the mailroom of a node is made of. */
import type { Codec } from '../ports/codec.ts'
import type { Environment } from '../ports/environment.ts'
import type { Incarnation } from '../model/envelope.ts'
import type { LinkPool } from './link-pool.ts'
import type { MailroomParts } from './mailroom.ts'
import type { NodeConfig } from '../model/config.ts'
import { LargeMemory } from './large-memory.ts'
import type { Probe } from '../ports/probe.ts'
import { Stamper } from './stamp.ts'
import { maxPartBytes, openSender } from './pigeonhole.ts'

/** Puts them together. */
export function mailroomParts(
  environment: Environment,
  config: NodeConfig,
  incarnation: Incarnation,
  pool: LinkPool,
  codec: Codec,
  probe: Probe | undefined,
): MailroomParts {
  return {
    environment,
    config,
    pool,
    stamper: new Stamper(codec, config),
    memory: new LargeMemory(codec),
    probe,
    sender: openSender(config, incarnation),
    options: { maxPartBytes: maxPartBytes(config) },
  }
}
