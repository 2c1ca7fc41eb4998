/** Counters of a node. */
export {};
