/** Descriptors: makes sure that some are left, for without one libzmq aborts the process. */
import { closeSync, openSync } from 'node:fs';
import { devNull } from 'node:os';
import { problem } from './problem.js';
/**
 * How many must be free before a socket is opened. The first socket of a context takes 6, a socket
 * with its observer 3, a connection 1, looking up the interfaces of this machine 1; the rest is for
 * what the threads of libzmq accept meanwhile.
 */
const RESERVE = 16;
/**
 * Opens as many descriptors as a socket may need, and closes them again.
 *
 * @throws Error with the code `EMFILE` where they are not to be had
 */
export function requireDescriptors() {
    const held = [];
    try {
        while (held.length < RESERVE)
            held.push(openSync(devNull, 'r'));
    }
    catch (error) {
        const message = `fewer than ${RESERVE} file descriptors are left: raise the limit (ulimit -n)`;
        throw Object.assign(problem('EMFILE', message), { cause: error });
    }
    finally {
        for (const descriptor of held)
            closeSync(descriptor);
    }
}
