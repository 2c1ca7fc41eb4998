/** The one error class of the library. */
/** Every `code` of a `ClusterError`. They are stable: code may switch on them. */
export const ERROR_CODES = [
    'CONFIG_UNREADABLE',
    'CONFIG_NOT_JSON',
    'CONFIG_INVALID',
    'PID_NOT_IN_CONFIG',
    'ADDRESS_IN_USE',
    'BIND_FAILED',
    'INSECURE_BIND',
    'TRANSPORT_UNAVAILABLE',
    'PEER_INVALID',
    'PEER_ADDRESS_UNKNOWN',
    'NOT_DELIVERED',
    'DELIVERY_UNKNOWN',
    'REQUEST_TIMEOUT',
    'PEER_DOWN',
    'QUORUM_UNREACHABLE',
    'BUFFER_FULL',
    'CLOSED',
];
/** What every part of the library throws, rejects and errors with: a stable `code`, and a message that says what to do. */
export class ClusterError extends Error {
    name = 'ClusterError';
    code;
    /** Each single problem (`peers.0.pid: expected an integer, got "a"`); empty where there is just one. */
    issues;
    constructor(code, message, details = {}) {
        super(message, details.cause === undefined ? undefined : { cause: details.cause });
        this.code = code;
        this.issues = details.issues ?? [];
    }
}
