/** Type checks of the options of `rx-cluster/testing`: values that may be undefined are accepted. */
import {
  type Delay,
  type Fault,
  type MarbleNotation,
  type MarbleOutputs,
  type Plan,
  type Scenario,
  explore,
  replayRecording,
  simulate,
} from 'rx-cluster/testing'
import type { Recording } from 'rx-cluster'

declare const seed: number | undefined
declare const drop: number | undefined
declare const bufSize: number | undefined
declare const network: string | undefined
declare const recording: Recording
declare const scenario: Scenario

export const sum: number = simulate(
  { peers: 2, seed, network, conditions: { drop }, limits: { bufSize }, protocol: undefined },
  (world) => world.nowMs,
)
export const exploration = explore({ scenario, seeds: seed, shrink: { runs: seed } })
export const same: boolean = replayRecording(recording, undefined, { seed }).same
export const withOptions: Scenario = { ...scenario, recoveryMs: seed, faults: { everyMs: seed } }

declare const delay: Delay | undefined
declare const pid: number | undefined
declare const lanes: MarbleOutputs['lanes'] | undefined
declare const outputs: MarbleOutputs
declare const plan: Plan
export const slower: Plan = { ...plan, delay, healedMs: seed }
export const loss: Fault = { type: 'shape', path: { from: pid, to: pid }, conditions: { drop } }
export const withLanes: MarbleOutputs = { ...outputs, lanes }
export const envelope: MarbleNotation = { kind: 'outgoing', to: 2, json: '1', ttlMs: seed }

// @ts-expect-error a simulation needs a body
simulate({ peers: 2 })
// @ts-expect-error an unknown option
simulate({ peers: 2, protocl: () => undefined }, () => undefined)
// @ts-expect-error an unknown limit
simulate({ peers: 2, limits: { ttl: 5 } }, () => undefined)
