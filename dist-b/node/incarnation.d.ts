/** Incarnations: one random name for each life of a node. */
import type { Environment } from '../ports/environment.ts';
import type { Incarnation } from '../model/envelope.ts';
/** Draws 64 random bits, as 16 hex digits. */
export declare function drawIncarnation({ chance }: Pick<Environment, 'chance'>): Incarnation;
