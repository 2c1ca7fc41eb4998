/** How hard a failure is made smaller. */

/** How much is done to make a failure smaller. More runs take longer, and leave less. */
export interface ShrinkOptions {
  /** At most so many runs. Default: 2,000. */
  readonly runs?: number
  /** So many other seeds are tried with the faults that are left. Default: 40. */
  readonly seeds?: number
  /** So many small plans are drawn anew, in the hope that one of them fails. Default: 200. */
  readonly small?: number
}
