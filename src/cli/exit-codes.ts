/** Exit codes of the command line: they mean the same in every command. */

/** What a process ends with. */
export const EXIT = {
  ok: 0,
  /** It ran, and it did not come out well: something was lost, or a process died. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** The config is wrong, or does not name the pid; or the recording is wrong. */
  config: 3,
  /** The node cannot listen where it should. */
  address: 4,
} as const

/** What `--help` says of them. */
export const EXIT_HELP = `
Exit codes:
  0  all is well
  1  it ran and did not come out well: something was lost, or a process died
  2  the command line is wrong
  3  the config is wrong, or does not name the pid; or the recording is wrong
  4  the node cannot listen: the address is taken, or not for everybody
  130, 143  ended by ^C, by SIGTERM, before it was done`
