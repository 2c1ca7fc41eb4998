/** Endpoints: the addresses where nodes bind, and where the others connect. */
/** The largest port there is. */
export const PORT_MAX = 65_535;
/** The longest path of an ipc socket, in bytes: what fits into the address of a Unix socket. */
const PATH_MAX = 107;
const NAME_MAX = 255;
const EXAMPLE = 'such as "tcp://10.0.0.1:5000", "ipc:///tmp/node-1" or "inproc://node-1"';
/** These stand for every address of a machine: a node binds there, nobody can connect there. */
const ANY_HOST = new Set(['*', '0.0.0.0', '[::]']);
/** Takes an endpoint apart; undefined where it is none. */
export function parseEndpoint(text) {
    const [, scheme, name = ''] = /^(tcp|ipc|inproc):\/\/([^\p{Cc}]+)$/u.exec(text) ?? [];
    if (scheme === 'tcp')
        return parseTcp(name);
    if (scheme === 'ipc' && bytesOf(name) <= PATH_MAX)
        return { scheme, name };
    if (scheme === 'inproc' && bytesOf(name) <= NAME_MAX)
        return { scheme, name };
    return undefined;
}
/** Tells why a text is no endpoint for this use; undefined where it is one. */
export function endpointFault(text, use) {
    const got = JSON.stringify(text.length > 80 ? `${text.slice(0, 79)}…` : text);
    const endpoint = parseEndpoint(text);
    if (endpoint === undefined)
        return { expected: `an endpoint ${EXAMPLE}`, got };
    if (endpoint.scheme !== 'tcp') {
        if (use === 'bind' || endpoint.name !== '*')
            return undefined;
        return { expected: `an endpoint to connect to, ${EXAMPLE}`, got };
    }
    const { host, port } = endpoint;
    const least = use === 'bind' ? 0 : 1;
    if (port < least || port > PORT_MAX) {
        return { expected: `a port from ${least} to ${PORT_MAX}`, got: `${port} in ${got}` };
    }
    if (use === 'bind' || !ANY_HOST.has(host))
        return undefined;
    return { expected: 'a host that others can connect to', got: `${host} in ${got}` };
}
/**
 * Tells whether nobody outside this machine can reach what binds there: 127.0.0.0/8, ::1,
 * localhost, ipc and inproc.
 */
export function isLoopback(endpoint) {
    const parsed = parseEndpoint(endpoint);
    if (parsed === undefined)
        return false;
    if (parsed.scheme !== 'tcp')
        return true;
    const host = parsed.host.toLowerCase();
    return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
/** The one way to write an endpoint, so that two can be compared. */
export function normalEndpoint(endpoint) {
    const parsed = parseEndpoint(endpoint);
    if (parsed?.scheme !== 'tcp')
        return endpoint;
    return `tcp://${parsed.host.toLowerCase()}:${parsed.port}`;
}
function parseTcp(text) {
    const [, host, port] = /^(\[[\da-f:.]+(?:%\w+)?\]|[^\s:[\];/"]+):(\d{1,9}|\*)$/i.exec(text) ?? [];
    if (host === undefined || port === undefined)
        return undefined;
    const numbers = /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host.split('.') : [];
    if (numbers.some((number) => Number(number) > 255))
        return undefined;
    return { scheme: 'tcp', host, port: port === '*' ? 0 : Number(port) };
}
function bytesOf(text) {
    return new TextEncoder().encode(text).length;
}
