/**
 * Problems: what is wrong with a config, each in a line that names the path, what was expected and
 * what was found.
 */
import { appendContext } from 'io-ts';
/** Characters of a value or a key that a line shows. */
const LONGEST = 80;
/**
 * The errors of an io-ts codec as lines.
 *
 * @param root what stands for the whole input in a path
 */
export function problemsOf(errors, root) {
    return errors.map((error) => lineOf(error, root));
}
/** The context of one item of a list. */
export function itemContext(context, index, codec, item) {
    return appendContext(context, String(index), codec, item);
}
/** A value in a few words, at a cost that does not depend on its size. */
export function describe(value) {
    if (value === undefined)
        return 'nothing';
    if (typeof value === 'string')
        return JSON.stringify(shorten(value));
    if (typeof value === 'bigint')
        return 'a bigint';
    if (typeof value === 'function')
        return 'a function';
    if (typeof value === 'symbol')
        return 'a symbol';
    if (Array.isArray(value))
        return `an array of ${value.length}`;
    return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
function join(path, key) {
    const text = /^[\w-]{1,80}$/.test(key) ? key : describe(key);
    return path === '' ? text : `${path}.${text}`;
}
function lineOf({ value, context, message }, root) {
    const path = context.slice(1).reduce((before, { key }) => join(before, key), '');
    const expected = context.at(-1)?.type.name ?? 'something else';
    const said = message ?? `expected ${expected}, got ${describe(value)}`;
    return `${path === '' ? root : path}: ${said}`;
}
function shorten(text) {
    return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
