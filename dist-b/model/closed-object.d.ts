/**
 * Closed objects: an io-ts codec that knows all the keys there may be, and complains of every other
 * one.
 */
import * as t from 'io-ts';
/** What a closed object decodes to. */
export type Closed<R extends t.Props, O extends t.Props> = {
    readonly [K in keyof R]: t.TypeOf<R[K]>;
} & {
    readonly [K in keyof O]?: t.TypeOf<O[K]>;
};
/**
 * An object with these keys and no others.
 *
 * Every problem is reported, not only the first; `undefined` counts as left out. What it returns is
 * a new object that holds the known keys and nothing else, however the input was made.
 *
 * @param name what the message says it expected
 */
export declare function closedObject<R extends t.Props, O extends t.Props>(name: string, required: R, optional: O): t.Type<Closed<R, O>, unknown>;
/** Tells whether something is an object with keys: no array, no null. */
export declare function isPlain(value: unknown): value is Readonly<Record<string, unknown>>;
