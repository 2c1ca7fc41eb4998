/** Type checks of a node: its config, options, links, errors. As `public.ts`, never run. */
import {
  BROADCAST,
  type ClusterErrorWith,
  type ClusterNode,
  type ComputedConfig,
  type Config,
  type ConfigInput,
  type Envelope,
  type ErrorCode,
  type Incarnation,
  type Link,
  type Links,
  type ListConfig,
  type Mailbox,
  type NodeOptions,
  type OutgoingEnvelope,
  type Transport,
  boundedMergeMap,
  createNode,
  isClusterError,
  openNode,
  request,
} from 'rx-cluster'
import { type Observable, type Subscription, of, takeUntil } from 'rxjs'

declare const node: ClusterNode
declare const transport: Transport
declare const decoded: Config
declare const flags: { readonly timeoutMs?: number; readonly recordEvents?: number }
declare const caught: unknown

// Configs: a path, a URL, either form, what JSON.parse returns; and the decoded form for openNode.
const peers = [{ pid: 1, endpoint: 'tcp://127.0.0.1:7001' }]
export const list: ListConfig = { $schema: './config.schema.json', peers, bufSize: 5 }
export const computed: ComputedConfig = {
  selfHandle: 'tcp://*:',
  peersPid: '1,2',
  peersHandle: 'tcp://127.0.0.1:',
  startAddress: 5000,
  insecure: true,
}
export const inputs: readonly ConfigInput[] = [list, computed]
export const opened: readonly Promise<ClusterNode>[] = [
  createNode('cluster.json', 1),
  createNode(new URL('file:///cluster.json'), 1),
  createNode(list, 1, { ttlMs: 5 }),
  createNode(JSON.parse('{}'), 1),
  createNode({ cluster: 'hello', peers }, 1),
]
export const open: readonly ClusterNode[] = [
  openNode(computed, 1, { transport }),
  openNode(decoded, 1, { transport }),
]
// @ts-expect-error a mistyped key
void createNode({ cluster: 'hello', pers: peers }, 1)
// @ts-expect-error neither form
void createNode({ cluster: 'hello' }, 1)
// @ts-expect-error a number is no config
void createNode(42, 1)
// @ts-expect-error a pid is a number
void createNode(list, '1')
// @ts-expect-error an unknown option
void createNode(list, 1, { buffSize: 5 })
// @ts-expect-error openNode needs a transport
openNode(list, 1, {})
// @ts-expect-error openNode reads no files
openNode('cluster.json', 1, { transport })

// Options take undefined, also with exactOptionalPropertyTypes.
export const options: NodeOptions = {
  recordEvents: flags.recordEvents,
  insecure: undefined,
  transport: undefined,
  environment: undefined,
}
export const limits: ConfigInput = { peers, recordEvents: flags.recordEvents, cluster: undefined }
export const forward = ({ msg, re }: Envelope): OutgoingEnvelope => ({ pid: 3, msg, re })
export const again: OutgoingEnvelope = { pid: 3, msg: 1, msgId: undefined, ttlMs: flags.timeoutMs }
request(node, { pid: 2, msg: '?' }, { timeoutMs: flags.timeoutMs })
node.ready({ count: undefined, timeoutMs: flags.timeoutMs })

// Links are read-only.
export const links: Observable<Links> & { readonly value: Links } = node.links
export const link: Link | undefined = node.links.value.get(2)
export const why: string | undefined = link?.reason
// @ts-expect-error only the node changes its links
node.links.next(new Map())
// @ts-expect-error the map of links is read-only
node.links.value.set(2, { state: 'up', sinceMs: 0 })
// @ts-expect-error links are read-only
if (link !== undefined) link.state = 'up'

// A pause is a Subscription, and disposable.
export const paused: Subscription & Disposable = node.pause()
of(1).pipe(boundedMergeMap(() => of(1), { bufSize: 1, overflow: { pause: node } }))

// Protocols end with their mailbox.
export const untilClosed = (mailbox: Mailbox): Observable<number> =>
  of(1).pipe(takeUntil(mailbox.closed))

// BROADCAST is a literal, and an incarnation is not any text.
export const all: -1 = BROADCAST
export const incarnation: Incarnation = node.incarnation
export const text: string = incarnation
// @ts-expect-error a node draws its incarnation
export const invented: Incarnation = 'a'

// The code narrows.
export function codeOf(): ErrorCode | undefined {
  if (isClusterError(caught, 'NOT_DELIVERED', 'CLOSED')) {
    const code: 'NOT_DELIVERED' | 'CLOSED' = caught.code
    const error: ClusterErrorWith<'NOT_DELIVERED' | 'CLOSED'> = caught
    return error.issues.length > 0 ? code : undefined
  }
  // @ts-expect-error no such code
  if (isClusterError(caught, 'NO_SUCH_CODE')) return undefined
  return isClusterError(caught) ? caught.code : undefined
}
