/** The terminal, or the pipe, that `up` speaks through. */
import { type Interface, clearLine, createInterface, cursorTo } from 'node:readline'
import { INTERRUPTED } from './exit-codes.ts'

/** Lines in, lines out, and the wish to stop. */
export interface Terminal {
  /** What is typed or piped in, line by line, until it ends or `stop` is called. */
  lines(): AsyncIterable<string>
  /** Writes a line, above what is just being typed. @returns false where the reader does not keep up */
  say(line: string): boolean
  /** Calls back once, when what was said has been read. */
  onceDrained(listener: () => void): void
  /** Ends the lines. */
  stop(): void
  /** Lets go of everything, so that the process can end. */
  close(): void
}

/** Opens the terminal of this process. SIGINT and SIGTERM end its lines; the second one ends the process. */
export function openTerminal(): Terminal {
  const { stdin, stdout } = process
  const isInteractive = stdin.isTTY && stdout.isTTY
  let reader: Interface | undefined
  let stopped = false
  let isBroken = false

  function stop(): void {
    stopped = true
    reader?.close()
  }
  function interrupted(): void {
    if (stopped) process.exit(INTERRUPTED)
    stop()
  }
  stdout.on('error', () => {
    // Nobody reads any more (EPIPE): there is nothing left to say.
    isBroken = true
    stop()
  })
  process.on('SIGINT', interrupted)
  process.on('SIGTERM', interrupted)

  return {
    stop,
    async *lines() {
      if (stopped) return
      reader = createInterface({
        input: stdin,
        ...(isInteractive ? { output: stdout, prompt: '> ' } : {}),
        crlfDelay: Infinity,
      })
      reader.on('SIGINT', interrupted)
      if (isInteractive) reader.prompt()
      for await (const line of reader) {
        yield line
        if (isInteractive) reader.prompt()
      }
      // The prompt's line stays behind; what follows stands below it.
      if (isInteractive) stdout.write('\n')
      stopped = true
    },
    say(line) {
      if (isBroken) return true
      if (!isInteractive || stopped || reader === undefined) return stdout.write(`${line}\n`)
      cursorTo(stdout, 0)
      clearLine(stdout, 0)
      const keepsUp = stdout.write(`${line}\n`)
      reader.prompt(true)
      return keepsUp
    },
    onceDrained(listener) {
      if (isBroken) listener()
      else stdout.once('drain', listener)
    },
    close() {
      stop()
      process.off('SIGINT', interrupted)
      process.off('SIGTERM', interrupted)
      stdin.destroy()
    },
  }
}
