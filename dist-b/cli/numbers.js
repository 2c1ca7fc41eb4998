/** Numbers on the command line, in and out. */
import { InvalidArgumentError } from 'commander';
/** A parser for a whole number within bounds. */
export function wholeNumber(least, most) {
    return (text) => {
        const value = Number(text);
        if (/^\d+$/.test(text) && value >= least && value <= most)
            return value;
        throw new InvalidArgumentError(`expected a whole number from ${least} to ${most}.`);
    };
}
/** 1234567 as 1,234,567. */
export function grouped(value) {
    return Math.round(value).toLocaleString('en-US');
}
