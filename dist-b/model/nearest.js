/** The nearest word: what somebody who mistyped probably meant. */
/** Longer words are nobody's slip of the finger. */
const LONGEST = 40;
/**
 * The one of `words` that takes the fewest slips (a letter missing, added, wrong, or two swapped)
 * to become `typed`; upper and lower case count as the same. Undefined where none is near.
 */
export function nearest(typed, words) {
    if (typed.length > LONGEST)
        return undefined;
    let best;
    let fewest = Math.max(1, Math.floor(typed.length / 3)) + 1;
    for (const word of words) {
        const slips = distance(typed.toLowerCase(), word.toLowerCase());
        if (slips < fewest) {
            best = word;
            fewest = slips;
        }
    }
    return best;
}
function distance(a, b) {
    let beforeLast = [];
    let last = Array.from({ length: b.length + 1 }, (_, index) => index);
    for (let i = 1; i <= a.length; i++) {
        const row = [i];
        for (let j = 1; j <= b.length; j++) {
            const wrong = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
            const slips = Math.min(wrong, at(last, j) + 1, at(row, j - 1) + 1);
            const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
            row.push(swapped ? Math.min(slips, at(beforeLast, j - 2) + 1) : slips);
        }
        beforeLast = last;
        last = row;
    }
    return at(last, b.length);
}
function at(row, index) {
    return row[index];
}
