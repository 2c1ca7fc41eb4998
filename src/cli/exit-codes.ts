/** Exit codes, which have the same meaning in every command. */

/** The exit code of a process. */
export const EXIT = {
  ok: 0,
  /** The command ran, but something failed: a message was lost, or a process died. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The config is wrong or has no such pid, or the recording is wrong. */
  config: 3,
  /** The node cannot bind its address. */
  address: 4,
} as const

/** The exit codes, as `--help` prints them. */
export const EXIT_HELP = `
Exit codes:
  0         success
  1         the command ran, but something failed: a message was lost, or a process died
  2         the command line is wrong
  3         the config is wrong or has no such pid, or a key or the recording is wrong
  4         the node cannot bind: the address is taken, or needs keys or "insecure": true
  130, 143  ended by ^C or SIGTERM before it was done`
