/** Places: where something can be bound in a network of memory. */
/** Any host of this machine, as an address says it. */
const ANY_HOST = new Set(['*', '0.0.0.0', '[::]']);
/**
 * Reads an endpoint.
 *
 * Any `scheme://name` is a place; only `tcp` has ports, and there a port `*` is a port 0.
 *
 * @returns `undefined` where it is none
 */
export function placeOf(endpoint) {
    if (!endpoint.startsWith('tcp://')) {
        const named = /^[a-z][a-z0-9+.-]*:\/\/./.test(endpoint);
        return named ? { host: endpoint, port: undefined, anyHost: false } : undefined;
    }
    const [, host = '', digits = ''] = /^tcp:\/\/(.+):(\d{1,5}|\*)$/.exec(endpoint) ?? [];
    const port = digits === '*' ? 0 : Number(digits);
    if (host === '' || port > 65_535)
        return undefined;
    return { host: `tcp://${host}`, port, anyHost: ANY_HOST.has(host) };
}
/** The endpoint of a place. */
export function endpointOf({ host, port }) {
    return port === undefined ? host : `${host}:${port}`;
}
/**
 * Tells whether who calls `called` ends up at `bound`; a host that stands for all takes every call.
 */
export function covers(bound, called) {
    return bound.port === called.port && (bound.host === called.host || bound.anyHost);
}
