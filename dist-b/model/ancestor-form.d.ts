/** The ancestor's form of a config: six keys, and every address follows from a pid. */
import * as t from 'io-ts';
import type { Addressing, Member } from './config.ts';
import { type Pid } from './pid.ts';
/** The keys that only this form has. */
export declare const ANCESTOR_FIELDS: {
    selfHandle: t.Type<string, unknown, unknown>;
    peersPid: t.Type<readonly number[], unknown, unknown>;
    peersHandle: t.Type<string, unknown, unknown>;
    startAddress: t.Type<number, unknown, unknown>;
};
/**
 * A whole file of this form; `startMsgId` and `bufSize`, the ancestor's other two keys, are limits
 * like any other.
 */
export declare const AncestorForm: t.Type<import("./closed-object.ts").Closed<{
    selfHandle: t.Type<string, unknown, unknown>;
    peersPid: t.Type<readonly number[], unknown, unknown>;
    peersHandle: t.Type<string, unknown, unknown>;
    startAddress: t.Type<number, unknown, unknown>;
}, {
    startMsgId: t.Type<number, unknown, unknown>;
    bufSize: t.Type<number, unknown, unknown>;
    bufBytes: t.Type<number, unknown, unknown>;
    overflow: t.Type<import("./limits.ts").Overflow, unknown, unknown>;
    windowBytes: t.Type<number, unknown, unknown>;
    maxMessageBytes: t.Type<number, unknown, unknown>;
    onRestart: t.Type<import("./limits.ts").OnRestart, unknown, unknown>;
    ttlMs: t.Type<number, unknown, unknown>;
    peerGoneMs: t.Type<number, unknown, unknown>;
    closeTimeoutMs: t.Type<number, unknown, unknown>;
    cluster: t.Type<string, unknown, unknown>;
    insecure: t.Type<boolean, unknown, unknown>;
}>, unknown, unknown>;
/** Where a pid is, by the ancestor's rule. */
export declare function addressOf(addressing: Addressing, pid: Pid): Member;
/**
 * Where a file of this form leads to no address: ports that are too large, paths that are too long.
 */
export declare function addressProblems(file: Readonly<Record<string, unknown>>): string[];
