/** Maps that nobody can change: what a stream hands out is the same for everyone. */
class FrozenMap extends Map {
    set(key, value) {
        // The constructor of Map fills it through `set`, before there is anything to protect.
        if (Object.isFrozen(this))
            throw new TypeError('this map is frozen: copy it with new Map(map)');
        return super.set(key, value);
    }
    delete() {
        throw new TypeError('this map is frozen: copy it with new Map(map)');
    }
    clear() {
        throw new TypeError('this map is frozen: copy it with new Map(map)');
    }
}
/** Copies a map into one that throws whenever somebody tries to change it. */
export function frozenMap(entries) {
    return Object.freeze(new FrozenMap(entries));
}
