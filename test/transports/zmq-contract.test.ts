/** The contract of transports, with ZeroMQ over every kind of address. */
import { afterAll } from 'vitest'
import { join } from 'node:path'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
}

afterAll(() => rmSync(directory, { recursive: true }))
