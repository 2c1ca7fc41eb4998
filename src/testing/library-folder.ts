/** Finds the folder of this library, which a bundle does not have. */

const THIS_FILE = /testing\/library-folder\.\w+$/

/** The URL of this module; a bundle of CommonJS has none. */
export const MODULE_URL = import.meta.url as string | undefined

/** The URL of the folder of this library, with a slash at its end; undefined in a bundle. */
export const LIBRARY_FOLDER =
  MODULE_URL !== undefined && THIS_FILE.test(MODULE_URL)
    ? MODULE_URL.replace(THIS_FILE, '')
    : undefined

/**
 * Returns the URL of a module of this library; undefined in a bundle.
 *
 * @param path from the folder of the library, without the extension: `.ts` in the sources, `.js`
 *   when compiled
 */
export function libraryModule(path: string): URL | undefined {
  if (MODULE_URL === undefined || LIBRARY_FOLDER === undefined) return undefined
  return new URL(`${path}${MODULE_URL.slice(MODULE_URL.lastIndexOf('.'))}`, LIBRARY_FOLDER)
}
