/**
 * The io-ts codecs of what stands in every config; their names are what messages say was expected.
 */
import * as t from 'io-ts';
import { type EndpointUse } from './endpoint.ts';
import type { OnRestart, Overflow } from './limits.ts';
/**
 * A codec that takes what passes a test, as it is.
 *
 * @param name what the message says it expected
 */
export declare function refined<A>(name: string, is: (value: unknown) => boolean): t.Type<A, unknown>;
/** An integer in a range. */
export declare function integer(least: number, most: number): t.Type<number, unknown>;
/** An endpoint, for one use or the other. */
export declare function endpoint(use: EndpointUse): t.Type<string, unknown>;
/** A pid. */
export declare const PidCodec: t.Type<number, unknown, unknown>;
/** Every limit of a node, each of them optional. */
export declare const LIMIT_FIELDS: {
    startMsgId: t.Type<number, unknown, unknown>;
    bufSize: t.Type<number, unknown, unknown>;
    bufBytes: t.Type<number, unknown, unknown>;
    overflow: t.Type<Overflow, unknown, unknown>;
    windowBytes: t.Type<number, unknown, unknown>;
    maxMessageBytes: t.Type<number, unknown, unknown>;
    onRestart: t.Type<OnRestart, unknown, unknown>;
    ttlMs: t.Type<number, unknown, unknown>;
    peerGoneMs: t.Type<number, unknown, unknown>;
    closeTimeoutMs: t.Type<number, unknown, unknown>;
};
/** Whether a node may bind to more than loopback without keys. */
export declare const INSECURE_FIELD: t.Type<boolean, unknown, unknown>;
/** What may stand in both forms of the file. */
export declare const COMMON_FIELDS: {
    startMsgId: t.Type<number, unknown, unknown>;
    bufSize: t.Type<number, unknown, unknown>;
    bufBytes: t.Type<number, unknown, unknown>;
    overflow: t.Type<Overflow, unknown, unknown>;
    windowBytes: t.Type<number, unknown, unknown>;
    maxMessageBytes: t.Type<number, unknown, unknown>;
    onRestart: t.Type<OnRestart, unknown, unknown>;
    ttlMs: t.Type<number, unknown, unknown>;
    peerGoneMs: t.Type<number, unknown, unknown>;
    closeTimeoutMs: t.Type<number, unknown, unknown>;
    cluster: t.Type<string, unknown, unknown>;
    insecure: t.Type<boolean, unknown, unknown>;
};
