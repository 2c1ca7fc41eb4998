/** Configs for tests, one of each form. */
import { ClusterError } from '../../src/model/cluster-error.ts'

export const COMPUTED_CONFIG = {
  selfHandle: 'tcp://127.0.0.1:',
  peersPid: '1,2',
  peersHandle: 'tcp://127.0.0.1:',
  startAddress: 5000,
  startMsgId: 1000,
  bufSize: 5000,
}

export const LIST_CONFIG = {
  cluster: 'orders',
  peers: [
    { pid: 1, endpoint: 'tcp://10.0.0.1:5000', bind: 'tcp://*:5000' },
    { pid: 2, endpoint: 'tcp://10.0.0.2:5000' },
  ],
}

/** Returns the `ClusterError` that a call throws. */
export function clusterErrorOf(call: () => unknown): ClusterError {
  try {
    call()
  } catch (error) {
    if (error instanceof ClusterError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
