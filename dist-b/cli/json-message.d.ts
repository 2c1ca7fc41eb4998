/** Messages as JSON, for programs at the other end of a pipe: what JSON lacks is spelled out. */
/**
 * Makes JSON of a message. A `bigint` becomes `{ "$bigint": "…" }`, bytes `{ "$bytes": "<base64>" }`, a date
 * `{ "$date": "<ISO>" }`; `undefined` and the numbers that JSON lacks become `null`.
 */
export declare function toJson(value: unknown): unknown;
/** Takes back what `toJson` made. */
export declare function fromJson(value: unknown): unknown;
