import { Command } from 'commander';
/** The command. */
export declare function upCommand(): Command;
