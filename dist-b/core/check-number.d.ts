/** Arguments that are numbers: refused at once where they make no sense. */
/** What a number has to be. */
export interface NumberRule {
    readonly least: number;
    /** Infinity where it is left out. */
    readonly most?: number;
    /** Only integers. */
    readonly whole?: boolean;
}
/**
 * Refuses a number that breaks a rule.
 *
 * @param name what the message calls it
 * @throws RangeError
 */
export declare function checkNumber(name: string, value: number, rule: NumberRule): void;
