/** The explicit form of a config: a list of peers, each with its pid and where it is. */
import * as t from 'io-ts';
import type { Member } from './config.ts';
/** The list: at least one member, and no pid and no endpoint twice. */
export declare const PEERS_CODEC: t.Type<readonly Member[], unknown>;
/** The keys that only this form has. */
export declare const EXPLICIT_FIELDS: {
    peers: t.Type<readonly Member[], unknown, unknown>;
};
/** A whole file of this form. */
export declare const ExplicitForm: t.Type<import("./closed-object.ts").Closed<{
    peers: t.Type<readonly Member[], unknown, unknown>;
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
