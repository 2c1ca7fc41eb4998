/** Where a socket binds or connects. */
export type Address = {
    readonly scheme: 'tcp';
    readonly host: string;
    readonly port: string;
} | {
    readonly scheme: 'ipc';
    readonly path: string;
};
/**
 * Reads an endpoint to bind at: `tcp://host:port`, with `*` for any host and `*` or 0 for any port,
 * or `ipc://path`.
 *
 * @throws Error with the code `EINVAL` or `EPROTONOSUPPORT`
 */
export declare function bindable(endpoint: string): Address;
/**
 * Reads an endpoint to connect to: one host and one port.
 *
 * @throws Error with the code `EINVAL` or `EPROTONOSUPPORT`
 */
export declare function callable(endpoint: string): Address;
/**
 * Replaces the name of a host by its number, IPv4 where it has one.
 *
 * libzmq would look it up on the thread that moves the frames of everybody, and say nothing when it
 * fails.
 *
 * @returns the address itself where there is nothing to look up
 */
export declare function resolved(address: Address): Promise<Address>;
/** Writes an address for libzmq. */
export declare function written(address: Address): string;
/** Tells whether a socket needs IPv6 for it. */
export declare function isIpv6(address: Address): boolean;
