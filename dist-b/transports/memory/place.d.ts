/** Places: where something can be bound in a network of memory. */
/** Where something can be bound, or called. */
export interface Place {
    /** `tcp://` and the host, or the whole endpoint of any other scheme. */
    readonly host: string;
    /** `undefined` for every scheme but `tcp`; 0 asks for a free one. */
    readonly port: number | undefined;
    /** It stands for every host. */
    readonly anyHost: boolean;
}
/**
 * Reads an endpoint.
 *
 * Any `scheme://name` is a place; only `tcp` has ports, and there a port `*` is a port 0.
 *
 * @returns `undefined` where it is none
 */
export declare function placeOf(endpoint: string): Place | undefined;
/** The endpoint of a place. */
export declare function endpointOf({ host, port }: Place): string;
/**
 * Tells whether who calls `called` ends up at `bound`; a host that stands for all takes every call.
 */
export declare function covers(bound: Place, called: Place): boolean;
