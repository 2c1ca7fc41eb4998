/** A parser for a whole number within bounds. */
export declare function wholeNumber(least: number, most: number): (text: string) => number;
/** 1234567 as 1,234,567. */
export declare function grouped(value: number): string;
