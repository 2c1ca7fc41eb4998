/** A directory for the files of one run. */
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { tmpdir } from 'node:os'

/** @param work gets the path; the directory is removed afterwards in any case */
export async function withDirectory(work) {
  const directory = await mkdtemp(join(tmpdir(), 'rx-cluster-faults-'))
  try {
    return await work(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
