import type { Command } from 'commander'
/** x */
export function addDemoNode(_program: Command): void {}
