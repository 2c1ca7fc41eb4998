/** The child's side of commands: each is a function of its details; its result is the answer. */

/** The settings that this process was started with. */
export const settings = JSON.parse(process.argv[2])

/** Emits a signal to the parent. */
export function emit(signal, answer) {
  if (process.connected) process.send({ signal, answer })
}

/** Answers commands from now on. @param hello sent to the parent first */
export function serveCommands(commands, hello) {
  // The parent has ended: end, too.
  process.once('disconnect', () => process.exit(1))
  process.on('message', async ({ id, command, ...details }) => {
    try {
      const answer = await commands[command](details)
      if (id !== undefined) process.send({ id, answer })
    } catch (error) {
      if (id === undefined) throw error
      process.send({ id, failure: error.stack })
    }
  })
  process.send({ id: 0, answer: hello })
}

/** Lets this process end: the IPC channel keeps it alive when all its sockets are closed. */
export function disconnect() {
  process.removeAllListeners('disconnect')
  process.disconnect()
}
