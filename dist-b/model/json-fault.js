/** Where a text stops being JSON: the line, the column, and what should stand there. */
const SPACE = /[ \t\r\n]*/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null)(?![\w.+-])/y;
const PLAIN = /[ !#-[\]-\uffff]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[\da-fA-F]{4})/y;
const WORD = /[\w.+-]{1,20}/y;
/**
 * Finds the first place where a text is not JSON; undefined where all of it is.
 *
 * `JSON.parse` tells no position for half of its complaints. No recursion: nesting may be as deep
 * as it likes.
 */
export function jsonFault(text) {
    const stop = firstStop(text);
    if (stop === undefined)
        return undefined;
    const before = text.slice(0, stop.at);
    const lineStart = before.lastIndexOf('\n') + 1;
    return {
        line: before.split('\n').length,
        column: stop.at - lineStart + 1,
        expected: stop.expected,
        got: foundAt(text, stop.at),
    };
}
function firstStop(text) {
    const open = [];
    let expected = 'a value';
    let at = 0;
    for (;;) {
        at = after(SPACE, text, at);
        const char = text[at];
        if (expected === 'the end of the file')
            return char === undefined ? undefined : { at, expected };
        if ((char === '}' || char === ']') && closes(char, expected)) {
            open.pop();
            expected = inside(open);
            at++;
        }
        else if (expected === ':' && char === ':') {
            expected = 'a value';
            at++;
        }
        else if (char === ',' && expected.startsWith(',')) {
            expected = open.at(-1) === '{' ? 'a key in double quotes' : 'a value';
            at++;
        }
        else if (expected.startsWith('a key') && char === '"') {
            const end = stringEnd(text, at);
            if (typeof end !== 'number')
                return end;
            expected = ':';
            at = end;
        }
        else if (!expected.startsWith('a value'))
            return { at, expected };
        else if (char === '{' || char === '[') {
            open.push(char);
            expected = char === '{' ? 'a key in double quotes or }' : 'a value or ]';
            at++;
        }
        else {
            const end = char === '"' ? stringEnd(text, at) : after(SCALAR, text, at);
            if (typeof end !== 'number')
                return end;
            if (end === at)
                return { at, expected };
            expected = inside(open);
            at = end;
        }
    }
}
function closes(char, expected) {
    return expected.endsWith(`or ${char}`);
}
function inside(open) {
    if (open.length === 0)
        return 'the end of the file';
    return open.at(-1) === '{' ? ', or }' : ', or ]';
}
/** Where a string ends that begins at `start`, or where it goes wrong. */
function stringEnd(text, start) {
    let at = start + 1;
    for (;;) {
        at = after(PLAIN, text, at);
        if (text[at] === '"')
            return at + 1;
        if (text[at] !== '\\')
            return { at, expected: 'the " that ends the string' };
        const end = after(ESCAPE, text, at);
        if (end === at)
            return { at, expected: 'an escape that JSON has, such as \\n or \\\\' };
        at = end;
    }
}
function after(pattern, text, at) {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : at;
}
function foundAt(text, at) {
    if (at >= text.length)
        return 'the end of the file';
    if (text[at] === '\n' || text[at] === '\r')
        return 'the end of the line';
    const word = text.slice(at, after(WORD, text, at));
    return JSON.stringify(word === '' ? String.fromCodePoint(text.codePointAt(at) ?? 0) : word);
}
