/**
 * Closed objects: an io-ts codec that knows all the keys there may be, and complains of every other
 * one.
 */
import * as t from 'io-ts';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe } from './problems.js';
import { nearest } from './nearest.js';
/** Whoever has more unknown keys than this has not mistyped. */
const MOST_HINTS = 20;
/**
 * An object with these keys and no others.
 *
 * Every problem is reported, not only the first; `undefined` counts as left out. What it returns is
 * a new object that holds the known keys and nothing else, however the input was made.
 *
 * @param name what the message says it expected
 */
export function closedObject(name, required, optional) {
    const known = new Map([
        ...Object.entries(required),
        ...Object.entries(optional),
    ]);
    const validate = (input, context) => {
        if (!isPlain(input))
            return t.failure(input, context);
        const errors = [];
        const output = {};
        for (const [key, codec] of known) {
            const value = Object.hasOwn(input, key) ? input[key] : undefined;
            if (value === undefined && !Object.hasOwn(required, key))
                continue;
            const result = codec.validate(value, t.appendContext(context, key, codec, value));
            if (isLeft(result))
                errors.push(...result.left);
            else
                output[key] = result.right;
        }
        errors.push(...strangers(input, known, context));
        return errors.length > 0 ? t.failures(errors) : t.success(output);
    };
    const is = (input) => !isLeft(validate(input, []));
    return new t.Type(name, is, validate, t.identity);
}
/** Tells whether something is an object with keys: no array, no null. */
export function isPlain(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}
function strangers(input, known, context) {
    const unknown = Object.keys(input).filter((key) => !known.has(key) && input[key] !== undefined);
    return unknown.map((key, index) => {
        const meant = index < MOST_HINTS ? nearest(key, known.keys()) : undefined;
        const hint = meant === undefined ? '' : ` (did you mean ${meant}?)`;
        const value = input[key];
        return {
            value,
            context: t.appendContext(context, key, t.never, value),
            message: `expected no such key, got ${describe(value)}${hint}`,
        };
    });
}
