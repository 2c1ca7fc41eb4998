/** What a message may hold: the check BEFORE anything is written. */
import { MAX_CONTAINERS, MAX_DEPTH } from './bounds.js';
import { NotEncodable } from '../../ports/codec.js';
const LONGEST_KEY = 60;
const TOO_DEEP = Symbol('too deep');
const INT64_MIN = -(2n ** 63n);
const UINT64_MAX = 2n ** 64n - 1n;
/**
 * The keys that lead to what is looked at, from the outside in; the first `depth` of them count.
 */
const trail = [];
let depth = 0;
let containers = 0;
/**
 * Looks at everything in a message, once.
 *
 * @throws NotEncodable with the path of the first thing that cannot be carried
 */
export function checkCarriable(msg) {
    depth = 0;
    containers = 0;
    try {
        return isSpecial(msg) ? 'special' : 'plain';
    }
    catch (error) {
        if (error instanceof NotEncodable)
            throw error;
        if (error === TOO_DEEP)
            throw tooDeep(msg);
        // A getter or a proxy may throw whatever it likes.
        throw refused(`what cannot be read (${String(error)})`);
    }
}
function isSpecial(value) {
    switch (typeof value) {
        case 'string':
            checkText(value);
            return false;
        case 'number':
            return value === 0 && Object.is(value, -0);
        case 'boolean':
        case 'undefined':
            return false;
        case 'object':
            return value !== null && isSpecialObject(value);
        case 'bigint':
            if (value >= INT64_MIN && value <= UINT64_MAX)
                return true;
            throw refused('a bigint beyond 64 bits');
        default:
            throw refused(`a ${typeof value}`);
    }
}
function isSpecialObject(value) {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null)
        return isSpecialRecord(value);
    if (prototype === Array.prototype)
        return isSpecialArray(value);
    if (prototype === Uint8Array.prototype || prototype === Buffer.prototype)
        return false;
    if (prototype === Date.prototype)
        return true;
    throw refused(nameOf(value));
}
function isSpecialRecord(value) {
    const level = enter();
    const record = value;
    const keys = Object.keys(record);
    let special = false;
    for (let index = 0; index < keys.length; index++) {
        const key = keys[index];
        trail[level] = key;
        if (key === '__proto__')
            throw refused('a key of this name');
        checkText(key);
        if (isSpecial(record[key]))
            special = true;
    }
    depth = level;
    if (Object.getOwnPropertySymbols(record).length > 0)
        throw refused('a symbol as key');
    return special;
}
function isSpecialArray(array) {
    const level = enter();
    let special = false;
    for (let index = 0; index < array.length; index++) {
        trail[level] = index;
        const value = array[index];
        if (value === undefined && !(index in array))
            throw refused('a hole in an array');
        if (isSpecial(value))
            special = true;
    }
    depth = level;
    return special;
}
/** Steps into an array or an object. @returns the place of its keys in the trail */
function enter() {
    if (++containers > MAX_CONTAINERS) {
        throw refused(`more than ${MAX_CONTAINERS} arrays and objects`);
    }
    if (depth >= MAX_DEPTH)
        throw TOO_DEEP;
    return depth++;
}
function checkText(text) {
    if (!text.isWellFormed())
        throw refused('a lone surrogate');
}
function refused(found) {
    return new NotEncodable(pathOf(trail.slice(0, depth)), found);
}
/** Tells a cycle from mere depth, by the path on which it went too deep. */
function tooDeep(msg) {
    const seen = new Set();
    let value = msg;
    for (const [level, key] of trail.slice(0, depth).entries()) {
        seen.add(value);
        value = value[key];
        if (seen.has(value))
            return new NotEncodable(pathOf(trail.slice(0, level + 1)), 'a cycle');
    }
    return new NotEncodable('msg', `more than ${MAX_DEPTH} levels of arrays and objects`);
}
function pathOf(keys) {
    return keys.reduce((path, key) => {
        if (typeof key === 'number')
            return `${path}[${key}]`;
        if (/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) && key.length <= LONGEST_KEY)
            return `${path}.${key}`;
        return `${path}[${JSON.stringify(key.slice(0, LONGEST_KEY))}]`;
    }, 'msg');
}
function nameOf(value) {
    const name = value.constructor?.name;
    return typeof name === 'string' && name !== '' ? `an instance of ${name}` : 'an unusual object';
}
