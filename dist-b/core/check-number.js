/** Arguments that are numbers: refused at once where they make no sense. */
/**
 * Refuses a number that breaks a rule.
 *
 * @param name what the message calls it
 * @throws RangeError
 */
export function checkNumber(name, value, rule) {
    const { least, most = Infinity, whole = false } = rule;
    const fits = typeof value === 'number' && value >= least && value <= most;
    if (fits && (!whole || Number.isInteger(value)))
        return;
    const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
    throw new RangeError(`${name}: expected ${whole ? 'an integer' : 'a number'} ${range}, got ${String(value)}`);
}
