/** Chooses the keys of the next connection of a link. */
import type { ConnectionSecurity } from '../../ports/connection-security.ts'
import type { OutboundSession } from '../../protocol/session/outbound-session.ts'

/**
 * The keys of the connections of a link. The connection is made with the pair of one local node,
 * and every local node proves its own in the handshake. The peer may admit only some of them, and
 * may have several keys while one is replaced: after a failed attempt the next ones are tried.
 */
export class LinkKeys {
  #pairIndex = 0
  #serverKeyIndex = 0

  /** Returns the keys to connect with; undefined without keys. */
  next(sessions: Iterable<OutboundSession>): ConnectionSecurity | undefined {
    const keyed = [...sessions].filter(({ localNode }) => localNode.keys !== undefined)
    const session = keyed[this.#pairIndex % keyed.length]
    const keys = session?.localNode.keys
    if (session === undefined || keys === undefined) return undefined
    const serverKeys = keys.publicKeysOf(session.to)
    const serverKey = serverKeys[this.#serverKeyIndex % serverKeys.length]
    return serverKey === undefined ? undefined : { keys: keys.pair, serverKey }
  }

  /** Notes a connection that did not open. @param code that of its error, if any */
  failed(code: string | undefined): void {
    if (code === 'EACCES') this.#pairIndex++
    else this.#serverKeyIndex++
  }
}
