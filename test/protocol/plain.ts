/** The options of links and receivers in a cluster without keys. */
import type { ReceiverContext } from '../../src/protocol/receiver/receiver-state.ts'

export const PLAIN_LINK = { ownEndpoint: '', keyed: false }
export const PLAIN_RECEIVER = { maxMessageValues: 1e6, keys: undefined }
export const PLAIN_HELLO = { features: 0, endpoint: '', keyed: false }

export const NO_CHALLENGES: ReceiverContext = {
  challenge: () => {
    throw new Error('a receiver without keys sends no challenges')
  },
}
