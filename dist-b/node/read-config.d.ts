/** Reading a config file. */
import type { Config } from '../model/config.ts';
/**
 * Reads and decodes a config file of either form.
 *
 * @param path of a JSON file of at most 1 MiB
 * @returns rejects with a `ClusterError`: `CONFIG_UNREADABLE` (with its cause), `CONFIG_NOT_JSON`
 *   (with line and column) or `CONFIG_INVALID` (with every problem)
 */
export declare function readConfig(path: string): Promise<Config>;
