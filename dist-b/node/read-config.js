import { ClusterError } from '../model/cluster-error.js';
import { decodeConfig } from '../model/decode-config.js';
import { jsonFault } from '../model/json-fault.js';
import { open } from 'node:fs/promises';
/** A config is small; whatever is larger is something else. */
const MAX_BYTES = 2 ** 20;
/**
 * Reads and decodes a config file of either form.
 *
 * @param path of a JSON file of at most 1 MiB
 * @returns rejects with a `ClusterError`: `CONFIG_UNREADABLE` (with its cause), `CONFIG_NOT_JSON`
 *   (with line and column) or `CONFIG_INVALID` (with every problem)
 */
export async function readConfig(path) {
    return decodeConfig(parse(path, await readText(path)));
}
async function readText(path) {
    const bytes = await readBytes(path).catch((cause) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new ClusterError('CONFIG_UNREADABLE', `cannot read the config ${path}: ${why}`, { cause });
    });
    if (bytes.length > MAX_BYTES) {
        const message = `cannot read the config ${path}: it is larger than 1 MiB, which no config is`;
        throw new ClusterError('CONFIG_UNREADABLE', message);
    }
    try {
        return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    }
    catch (cause) {
        const message = `${path} is not JSON: it is not UTF-8 text`;
        throw new ClusterError('CONFIG_NOT_JSON', message, { cause });
    }
}
/** All of a file, or one byte more than may be. */
async function readBytes(path) {
    const file = await open(path);
    try {
        const chunks = [];
        let left = MAX_BYTES + 1;
        while (left > 0) {
            const { bytesRead, buffer } = await file.read(new Uint8Array(Math.min(left, 65_536)));
            if (bytesRead === 0)
                break;
            chunks.push(buffer.subarray(0, bytesRead));
            left -= bytesRead;
        }
        return Buffer.concat(chunks);
    }
    finally {
        await file.close();
    }
}
function parse(path, text) {
    try {
        return JSON.parse(text);
    }
    catch (cause) {
        const fault = jsonFault(text);
        const where = fault === undefined
            ? String(cause)
            : `line ${fault.line}, column ${fault.column}: expected ${fault.expected}, got ${fault.got}`;
        throw new ClusterError('CONFIG_NOT_JSON', `${path} is not JSON: ${where}`, { cause });
    }
}
