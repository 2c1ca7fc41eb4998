/** The child's side of the orders: each is a function of its details, and what it returns is the answer. */

/** What this process was started with. */
export const settings = JSON.parse(process.argv[2])

/** Says a word that nobody asked for. */
export function say(word, answer) {
  if (process.connected) process.send({ word, answer })
}

/** Takes orders from now on. @param hello what whoever started this process is told first */
export function takeOrders(orders, hello) {
  // Whoever started this process is gone: nobody needs it any more.
  process.once('disconnect', () => process.exit(1))
  process.on('message', async ({ id, order, ...details }) => {
    try {
      const answer = await orders[order](details)
      if (id !== undefined) process.send({ id, answer })
    } catch (error) {
      if (id === undefined) throw error
      process.send({ id, failure: error.stack })
    }
  })
  process.send({ id: 0, answer: hello })
}

/** Ends this process by itself: `disconnect` is what keeps it alive, once its sockets are closed. */
export function leave() {
  process.removeAllListeners('disconnect')
  process.disconnect()
}
