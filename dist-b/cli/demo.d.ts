import { Command } from 'commander';
/** The command. */
export declare function demoCommand(): Command;
