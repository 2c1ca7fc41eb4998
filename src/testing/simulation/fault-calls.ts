/** Faults as calls: what a test does to its world by name. */
import type { Fault } from './faults/fault.ts'
import type { Pid } from '../../model/pid.ts'

/** A world to which something can happen. */
export abstract class FaultCalls {
  abstract inject(fault: Fault | string): void

  partition(...groups: readonly (readonly Pid[])[]): void {
    this.inject({ type: 'partition', groups })
  }

  heal(): void {
    this.inject({ type: 'heal' })
  }

  crash(pid: Pid): void {
    this.inject({ type: 'crash', pid })
  }

  restart(pid: Pid): void {
    this.inject({ type: 'restart', pid })
  }

  pause(pid: Pid): void {
    this.inject({ type: 'pause', pid })
  }

  resume(pid: Pid): void {
    this.inject({ type: 'resume', pid })
  }
}
