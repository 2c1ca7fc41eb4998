/** Issues: what a decoder complains of, in lines that name the failing path. */
/** Lines in all; what is over is counted. */
const MOST_ISSUES = 20;
/** Characters of a name or a value. */
const LONGEST = 60;
/** Codecs that stand around another one and add nothing to the path. */
const WRAPPERS = new Set(['ExactType', 'ReadonlyType', 'RefinementType', 'RecursiveType']);
/** Codecs whose members have an index in the context that is not in the value. */
const CHOICES = new Set(['IntersectionType', 'UnionType']);
/**
 * Tells what is wrong, each problem in a line: `msg.term: expected number, got "a"`.
 *
 * The errors of io-ts are read with their context, those with a `path` and a `message` (as of zod)
 * too; from anything else comes one readable line. At most 20 lines, however much is wrong.
 *
 * @param complaint what stood in the decoder's `Left`, or what it threw
 * @param root what the path begins with
 */
export function issuesOf(complaint, root) {
    const complaints = Array.isArray(complaint) ? complaint : [complaint];
    const lines = complaints.slice(0, MOST_ISSUES).map((one) => lineOf(one, root));
    if (lines.length === 0)
        return [`${root}: not accepted`];
    const distinct = [...new Set(lines)];
    const more = complaints.length - lines.length;
    return more === 0 ? distinct : [...distinct, `${root}: … and ${more} more`];
}
/** A value in a few words, at a cost that does not depend on its size. */
export function describe(value) {
    if (typeof value === 'string')
        return JSON.stringify(shorten(value));
    if (typeof value === 'bigint')
        return `${shorten(value.toString())}n`;
    if (typeof value === 'function')
        return 'a function';
    if (typeof value === 'symbol')
        return 'a symbol';
    if (Array.isArray(value))
        return `an array of ${value.length}`;
    if (ArrayBuffer.isView(value))
        return `${value.byteLength} bytes`;
    if (value instanceof Date)
        return 'a date';
    return isObject(value) ? 'an object' : String(value);
}
function lineOf(complaint, root) {
    if (typeof complaint === 'string')
        return complaint;
    if (!isObject(complaint))
        return `${root}: not accepted (${describe(complaint)})`;
    const { message } = complaint;
    const said = typeof message === 'string' && message !== '' ? message : undefined;
    const context = complaint['context'];
    if (isContext(context)) {
        const last = context.at(-1);
        const expected = `expected ${nameOf(last?.type)}, got ${describe(last?.actual)}`;
        return `${root}${pathOf(context)}: ${said ?? expected}`;
    }
    const path = complaint['path'];
    const keys = Array.isArray(path) ? path : [];
    return `${root}${keys.map((key) => step(String(key))).join('')}: ${said ?? 'not accepted'}`;
}
function pathOf(context) {
    return context
        .flatMap(({ key }, index) => {
        if (index === 0)
            return [];
        return CHOICES.has(tagOf(context[index - 1]?.type)) ? [] : [step(key)];
    })
        .join('');
}
function step(key) {
    if (/^\d+$/.test(key))
        return `[${key}]`;
    return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? `.${key}` : `[${describe(key)}]`;
}
function tagOf(codec) {
    let inner = codec;
    while (isObject(inner) && WRAPPERS.has(String(inner['_tag'])))
        inner = inner['type'];
    return isObject(inner) ? String(inner['_tag']) : '';
}
function nameOf(codec) {
    const name = isObject(codec) ? codec['name'] : undefined;
    return typeof name === 'string' && name !== '' ? shorten(name) : 'something else';
}
function isContext(value) {
    return Array.isArray(value) && value.length > 0 && value.every(isEntry);
}
function isEntry(value) {
    return isObject(value) && typeof value['key'] === 'string';
}
function isObject(value) {
    return typeof value === 'object' && value !== null;
}
function shorten(text) {
    return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}
