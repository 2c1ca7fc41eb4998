/** Addresses: read by us, for libzmq takes almost anything and then never answers. */
import { isIP } from 'node:net';
import { lookup } from 'node:dns/promises';
import { problem } from './problem.js';
/** The longest path of an ipc socket, in bytes: what fits into the address of a Unix socket. */
const PATH_MAX = 107;
/**
 * Reads an endpoint to bind at: `tcp://host:port`, with `*` for any host and `*` or 0 for any port,
 * or `ipc://path`.
 *
 * @throws Error with the code `EINVAL` or `EPROTONOSUPPORT`
 */
export function bindable(endpoint) {
    const address = read(endpoint);
    if (address.scheme === 'ipc')
        return address;
    return address.port === '0' ? { ...address, port: '*' } : address;
}
/**
 * Reads an endpoint to connect to: one host and one port.
 *
 * @throws Error with the code `EINVAL` or `EPROTONOSUPPORT`
 */
export function callable(endpoint) {
    const address = read(endpoint);
    if (address.scheme === 'tcp' && (address.host === '*' || !(Number(address.port) > 0))) {
        throw problem('EINVAL', `${endpoint} is nowhere to connect to: name a host and a port`);
    }
    return address;
}
/**
 * Replaces the name of a host by its number, IPv4 where it has one.
 *
 * libzmq would look it up on the thread that moves the frames of everybody, and say nothing when it
 * fails.
 *
 * @returns the address itself where there is nothing to look up
 */
export async function resolved(address) {
    if (address.scheme === 'ipc' || isIP(unbracketed(address.host)) > 0)
        return address;
    const found = await lookup(address.host, { all: true });
    const { address: host, family } = found.find((one) => one.family === 4) ?? found[0];
    return { ...address, host: family === 6 ? `[${host}]` : host };
}
/** Writes an address for libzmq. */
export function written(address) {
    if (address.scheme === 'ipc')
        return `ipc://${address.path}`;
    return `tcp://${address.host}:${address.port}`;
}
/** Tells whether a socket needs IPv6 for it. */
export function isIpv6(address) {
    return address.scheme === 'tcp' && address.host.startsWith('[');
}
function read(endpoint) {
    if (endpoint.startsWith('ipc://')) {
        const path = endpoint.slice('ipc://'.length);
        const bytes = Buffer.byteLength(path);
        if (bytes > 0 && bytes <= PATH_MAX)
            return { scheme: 'ipc', path };
        throw problem('EINVAL', `${endpoint}: a path has 1 to ${PATH_MAX} bytes, not ${bytes}`);
    }
    if (!endpoint.startsWith('tcp://')) {
        throw problem('EPROTONOSUPPORT', `${endpoint} is neither tcp:// nor ipc:// nor inproc://`);
    }
    const [, host, port] = /^tcp:\/\/(\[[^\]\s]+\]|[^:[\]\s;/]+):(\d{1,5}|\*)$/.exec(endpoint) ?? [];
    if (host === undefined || port === undefined || Number(port) > 65_535) {
        throw problem('EINVAL', `${endpoint} is not tcp://host:port with a port up to 65535`);
    }
    return { scheme: 'tcp', host, port: port === '*' ? '*' : String(Number(port)) };
}
function unbracketed(host) {
    return host.startsWith('[') ? host.slice(1, -1) : host;
}
