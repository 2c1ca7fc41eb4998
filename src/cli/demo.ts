import type { Command } from 'commander'
/** x */
export function addDemo(_program: Command, _main: string): void {}
