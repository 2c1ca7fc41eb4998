/** The proxy of `faults/`, with types. */
import type { Socket } from 'node:net'
// @ts-expect-error plain JavaScript, as all of `faults/`
import { openProxy as open } from '../../faults/proxy.js'

export interface FaultProxy {
  readonly port: number
  readonly open: number
  readonly accepted: number
  tap: ((chunk: Buffer, direction: 'forward' | 'back') => void) | undefined
  intercept: ((caller: Socket) => boolean) | undefined
  reset(): number
  outage(ms: number): Promise<void>
  stall(ms: number): Promise<void>
  close(): Promise<void>
}

export const openProxy = open as (targetPort: number) => Promise<FaultProxy>
