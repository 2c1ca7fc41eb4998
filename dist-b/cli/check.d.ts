/** `rx-cluster check`: what a config means, or every problem in it. */
import { Command } from 'commander';
import type { Config } from '../model/config.ts';
/** The command. */
export declare function checkCommand(): Command;
/** What a config means, as lines. */
export declare function meaning(path: string, config: Config): string[];
