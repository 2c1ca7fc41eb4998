/** The public API of `rx-cluster`. Only re-exports: importing it loads no native addon. */
export { createNode } from './node/create-node.ts'
export { openNode } from './node/open-node.ts'
export type { NodeOptions, OpenNodeOptions } from './node/node-options.ts'
export type { ClusterNode, ReadyOptions } from './node/cluster-node.ts'

export { BROADCAST, type Pid } from './model/pid.ts'
export {
  type Envelope,
  type EnvelopeHeaders,
  type Incarnation,
  type MsgId,
  type OutgoingEnvelope,
  type ReplyError,
  type Receipt,
  reply,
} from './model/envelope.ts'
export type { Link, Links, LinkState, Peer, Peers } from './model/peer.ts'
export type { DeadLetter, DeadReason, Outcome } from './model/dead-letter.ts'
export type { NodeEvent, RefusalReason } from './model/node-event.ts'
export type { PeerStats, Stats, Counters } from './model/stats.ts'
export { parseRecording, renderRecording } from './recording/recording-text.ts'
export type { RecordedPeer, Recording } from './recording/recording.ts'
export type { NodeTraceEvent } from './recording/trace-event.ts'
export type { ComputedAddresses, Config, Member } from './config/config.ts'
export type {
  CommonConfig,
  ComputedConfig,
  ConfigInput,
  ListConfig,
  MemberConfig,
} from './config/config-input.ts'
export {
  DEFAULT_LIMITS,
  type LimitOptions,
  type Limits,
  type OnRestart,
  type Overflow,
} from './model/limits.ts'
export {
  ClusterError,
  type ClusterErrorWith,
  ERROR_CODES,
  type ErrorCode,
  type ErrorDetails,
  isClusterError,
} from './model/cluster-error.ts'

export type { Mailbox, Receipts, ReplyConsumer } from './ports/mailbox.ts'
export type {
  AnySchema,
  DecodeResult,
  Decoder,
  InputOf,
  OutputOf,
  Schema,
  StandardIssue,
  StandardResult,
  StandardSchema,
  TypeGuard,
} from './ports/schema.ts'
export type { Environment } from './ports/environment.ts'
export type { Probe, SentHeader } from './ports/probe.ts'
export type { KeyPair } from './ports/keys.ts'
export type { BindingSecurity, ConnectionSecurity } from './ports/connection-security.ts'
export type {
  BindOptions,
  Binding,
  ConnectOptions,
  ConnectionHandler,
  Connection,
  ConnectionId,
  DescriptorBudget,
  Frame,
  BindingHandler,
  Transport,
  TransportOptions,
} from './ports/transport.ts'

export * from './operators/bounded-merge-map.ts'
export * from './operators/broadcast.ts'
export * from './operators/group-by-peer.ts'
export * from './operators/dedupe.ts'
export * from './operators/from-peer.ts'
export * from './operators/handle.ts'
export * from './operators/heartbeat.ts'
export * from './operators/majority.ts'
export * from './operators/decode-message.ts'
export * from './operators/quorum.ts'
export * from './operators/reply-with.ts'
export * from './operators/request.ts'
export * from './operators/retry-backoff.ts'
export * from './operators/detect-failures.ts'
export * from './operators/to-peer.ts'
export type { RequestDefinition } from './operators/internal/request-definition.ts'
export * from './typed/define-request.ts'
export * from './typed/typed.ts'
export type { Decode, Decoded } from './operators/internal/decode-with.ts'
export type { ReplyOf } from './operators/internal/to-replies.ts'
export type { Random } from './base/seeded-random.ts'
export type { Sink } from './operators/internal/sink.ts'

export {
  memoryTransport,
  type MemoryTransportOptions,
} from './transports/memory/memory-transport.ts'
export { MemoryNetwork } from './transports/memory/memory-network.ts'
export type { ScheduleTask } from './transports/memory/task-queue.ts'
