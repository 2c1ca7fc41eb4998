/** A reception in the world: binds it, brings it the frames, and performs its effects. */
import type { Transport, TransportOptions } from '../ports/transport.ts';
import type { Inbound, Run } from '../core/inbound.ts';
import { type Reception } from '../core/reception.ts';
import type { Environment } from '../ports/environment.ts';
import type { NodeEvent } from '../model/node-event.ts';
import type { Pid } from '../model/pid.ts';
import type { Rejection } from '../core/wire/frames.ts';
import { ClusterError } from '../model/cluster-error.ts';
/** What the node behind a reception is told. */
export interface ReceptionOwner {
    take(run: Run): void;
    event(event: NodeEvent): void;
    bound(endpoint: string): void;
    failed(error: ClusterError): void;
    /** Everything is released. */
    closed(): void;
}
/** Drives the reception of one node. */
export declare class ReceptionDriver {
    #private;
    constructor(environment: Environment, transport: Transport, at: {
        readonly endpoint: string;
        readonly options: TransportOptions;
    }, state: Reception, owner: ReceptionOwner);
    members(pids: ReadonlySet<Pid>): void;
    taken(session: Inbound, count: number, rejections: readonly Rejection[]): void;
    withhold(withheld: boolean): void;
    /** Says BYE to everybody and stops listening; what was said has `lingerMs` milliseconds to leave. */
    close(lingerMs: number): void;
}
