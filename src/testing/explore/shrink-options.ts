/** Options of shrinking. */

/** How much work is spent on shrinking: more runs take longer, and give a smaller failure. */
export interface ShrinkOptions {
  /** Maximum number of runs. Default: 2,000. */
  readonly runs?: number
  /** Number of other seeds that are tried with a reduced plan. Default: 40. */
  readonly seeds?: number
  /** Number of small plans that are generated as other starting points. Default: 200. */
  readonly small?: number
}
