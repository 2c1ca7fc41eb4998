/** Explains why a socket cannot be bound and what to do; libzmq gives only the text of `errno`. */
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type SystemError, systemError } from './system-error.ts'
import type { Endpoint } from '../../model/endpoint.ts'

/** libzmq resolves no names to bind, so a name fails as well, even that of this machine. */
const NOT_OF_THIS_MACHINE = new Set(['ENODEV', 'EADDRNOTAVAIL'])

/** Returns the error with a text that says what to do, where the cause is known. */
export async function explainBindError(
  error: SystemError,
  address: Endpoint,
): Promise<SystemError> {
  const { code } = error
  if (code === undefined) return error
  const problem = await problemOf(code, address)
  return problem === undefined ? error : Object.assign(systemError(code, problem), { cause: error })
}

async function problemOf(code: string, address: Endpoint): Promise<string | undefined> {
  if (address.scheme === 'tcp' && NOT_OF_THIS_MACHINE.has(code)) {
    const { host, port } = address
    const examples = `"tcp://127.0.0.1:${port}" or "tcp://*:${port}"`
    return `${host} is not an address of this machine: set bind of this node, such as ${examples}`
  }
  if (address.scheme !== 'ipc' || code !== 'ENOENT') return undefined
  const directory = dirname(address.name)
  const exists = await access(directory).then(
    () => true,
    () => false,
  )
  return exists
    ? `no socket can be created in ${directory}`
    : `the directory ${directory} does not exist: create it first (mkdir -p ${directory})`
}
