/** The contract of transports, with ZeroMQ over every kind of address. */
import { afterAll } from 'vitest'
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { keyedTransport } from './keyed-transport.ts'
import { keysContract } from './keys-contract.ts'
import { transportContract } from './contract.ts'
import { zmqTransport } from '../../src/transports/zmq/zmq-transport.ts'

const directory = mkdtempSync(join(tmpdir(), 'rx-cluster-'))
let names = 0

transportContract(
  'zmq over tcp',
  () => zmqTransport(),
  () => 'tcp://127.0.0.1:0',
)
transportContract(
  'zmq over tcp, with keys',
  () => keyedTransport(zmqTransport()),
  () => 'tcp://127.0.0.1:0',
)
keysContract(
  'zmq over tcp',
  () => zmqTransport({ handshakeMs: 300 }),
  () => 'tcp://127.0.0.1:0',
)
transportContract(
  'zmq over inproc',
  () => zmqTransport(),
  () => `inproc://node-${names++}`,
)
keysContract(
  'zmq over inproc',
  () => zmqTransport(),
  () => `inproc://node-${names++}`,
)
if (process.platform !== 'win32') {
  const path = (): string => join(directory, `${names++}.sock`)
  transportContract(
    'zmq over ipc',
    () => zmqTransport(),
    () => `ipc://${path()}`,
  )
  keysContract(
    'zmq over ipc',
    () => zmqTransport(),
    () => `ipc://${path()}`,
  )
}

afterAll(() => rmSync(directory, { recursive: true }))
