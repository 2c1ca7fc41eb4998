/** Returns the scenario that is passed to `explore`, or imports it from a module. */
import type { Scenario } from './scenario.ts'
import { invalidScenario } from './check-scenario.ts'

/**
 * Returns the scenario itself, or imports the export of a module that a URL names.
 *
 * @throws ClusterError `INVALID_ARGUMENT` that says what to do, if the module cannot be imported or
 *   does not export a scenario
 */
export async function loadScenario(scenario: Scenario | URL): Promise<Scenario> {
  if (!(scenario instanceof URL)) {
    return scenario
  }
  const url = new URL(scenario)
  const name = decodeURIComponent(url.hash.slice(1)) || 'default'
  url.hash = ''
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(url.href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    throw invalidScenario(loadErrorMessage(url, error), error)
  }
  const candidate = exported[name]
  if (isScenario(candidate)) return candidate
  const names = Object.keys(exported).join(', ') || 'nothing'
  const exportName = name === 'default' ? 'a default export' : `an export ${name}`
  throw invalidScenario(`${url.href} has no scenario as ${exportName}; it exports ${names}`)
}

/** Returns whether Node.js refused to import a file because of its extension, such as `.ts`. */
export function isUnknownExtension(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  return code === 'ERR_UNKNOWN_FILE_EXTENSION'
}

function isScenario(candidate: unknown): candidate is Scenario {
  return typeof candidate === 'object' && candidate !== null && 'protocol' in candidate
}

function loadErrorMessage(url: URL, error: unknown): string {
  if (isUnknownExtension(error)) {
    return (
      `cannot import ${url.href}: Node ${process.versions.node} does not run TypeScript. ` +
      'Use Node 22.18 or later, compile the module, or pass the scenario itself (one core)'
    )
  }
  return `cannot import ${url.href}: ${error instanceof Error ? error.message : String(error)}`
}
