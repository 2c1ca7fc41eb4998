import type { Config } from './config.ts';
import { ClusterError } from './cluster-error.ts';
/**
 * Decodes what stands in a config file, of either form.
 *
 * @param json what `JSON.parse` returned, or an object of the same shape
 * @throws ClusterError `CONFIG_INVALID`; its `issues` are all the problems, each as `path: expected
 *   …, got …`
 */
export declare function decodeConfig(json: unknown): Config;
/** The error of a config with these problems. */
export declare function invalid(issues: readonly string[]): ClusterError;
