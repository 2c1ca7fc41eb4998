/** The keys of objects, seen before: most messages have the same few. */
const SLOTS = 1024;
/** Longer keys are not kept. */
const LONGEST = 31;
/**
 * Remembers so many short keys by their bytes. Strangers can fill it with theirs; it just forgets.
 */
export class KeyCache {
    #slots = Array.from({ length: SLOTS }, () => undefined);
    /** The key that stands in these bytes, if it is known. */
    find(source, start, end) {
        const known = this.#slots[slotOf(source, start, end)];
        if (known === undefined)
            return undefined;
        const { bytes, key } = known;
        if (bytes.length !== end - start)
            return undefined;
        for (let index = 0; index < bytes.length; index++) {
            if (bytes[index] !== source[start + index])
                return undefined;
        }
        return key;
    }
    /** Remembers a key. */
    keep(source, start, end, key) {
        if (end - start > LONGEST)
            return;
        const bytes = Uint8Array.prototype.slice.call(source, start, end);
        this.#slots[slotOf(source, start, end)] = { bytes, key };
    }
}
function slotOf(source, start, end) {
    if (start === end)
        return 0;
    const first = source[start];
    const middle = source[(start + end) >>> 1];
    const last = source[end - 1];
    return ((end - start) * 31 + first * 7 + middle * 17 + last * 131) & (SLOTS - 1);
}
