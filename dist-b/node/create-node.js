import { ClusterError } from '../model/cluster-error.js';
import { ambientChance } from '../ports/ambient.js';
import { asyncScheduler, firstValueFrom } from 'rxjs';
import { decodeConfig } from '../model/decode-config.js';
import { nodeConfig } from '../model/node-config.js';
import { openNode } from './open-node.js';
import { readConfig } from './read-config.js';
/** The real world. */
export const REAL_ENVIRONMENT = {
    scheduler: asyncScheduler,
    chance: ambientChance,
    monotonicMs: () => performance.now(),
    soon: (work) => queueMicrotask(work),
};
let shared;
/**
 * Opens node `pid` of a cluster, and waits until it listens. Its peers need not be there yet.
 *
 * @param config the path of a JSON file, or what would stand in it
 * @param pid who of the config's peers this process is
 * @param options limits that override the config's, and the world to live in
 * @returns rejects with a `ClusterError`: `CONFIG_…` where the config is wrong, `PID_NOT_IN_CONFIG`, `INSECURE_BIND`,
 *   `ADDRESS_IN_USE` where somebody else listens there, `BIND_FAILED`, `TRANSPORT_UNAVAILABLE` where ZeroMQ cannot be loaded
 */
export async function createNode(config, pid, options = {}) {
    const { transport, environment = REAL_ENVIRONMENT, ...overrides } = options;
    const whole = typeof config === 'string' ? await readConfig(config) : decodeConfig(config);
    const mine = nodeConfig(whole, pid, overrides);
    const node = openNode(environment, mine, transport ?? (await zeromq()));
    try {
        await firstValueFrom(node.bound());
    }
    catch (error) {
        await node.close();
        throw error;
    }
    return node;
}
function zeromq() {
    shared ??= import('../transports/zmq/zmq-transport.js').then(({ zmqTransport }) => zmqTransport(), (error) => {
        shared = undefined;
        const message = `ZeroMQ cannot be loaded on ${process.platform} ${process.arch}: reinstall the package zeromq`;
        throw new ClusterError('TRANSPORT_UNAVAILABLE', message, { cause: error });
    });
    return shared;
}
