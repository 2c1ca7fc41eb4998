/** An entry's end. */
export function dead(entry, reason, outcome, detail) {
    return detail === undefined ? { entry, reason, outcome } : { entry, reason, outcome, detail };
}
/** A settlement in which nothing was delivered. */
export const NOTHING_DELIVERED = { delivered: 0, receipts: [], dead: [] };
