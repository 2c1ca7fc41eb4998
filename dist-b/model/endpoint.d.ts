/** Endpoints: the addresses where nodes bind, and where the others connect. */
/** What an endpoint is for: a node binds at one, the others connect to one. */
export type EndpointUse = 'bind' | 'connect';
/** An endpoint, taken apart. */
export type Endpoint = 
/** Port 0: the system picks one. */
{
    readonly scheme: 'tcp';
    readonly host: string;
    readonly port: number;
} | {
    readonly scheme: 'ipc' | 'inproc';
    readonly name: string;
};
/** Why a text is not the endpoint it should be. */
export interface EndpointFault {
    readonly expected: string;
    readonly got: string;
}
/** The largest port there is. */
export declare const PORT_MAX = 65535;
/** Takes an endpoint apart; undefined where it is none. */
export declare function parseEndpoint(text: string): Endpoint | undefined;
/** Tells why a text is no endpoint for this use; undefined where it is one. */
export declare function endpointFault(text: string, use: EndpointUse): EndpointFault | undefined;
/**
 * Tells whether nobody outside this machine can reach what binds there: 127.0.0.0/8, ::1,
 * localhost, ipc and inproc.
 */
export declare function isLoopback(endpoint: string): boolean;
/** The one way to write an endpoint, so that two can be compared. */
export declare function normalEndpoint(endpoint: string): string;
