/** Imports a module, and prints which native addons that has loaded, as one line of JSON. */
import { pathToFileURL } from 'node:url'

const loaded = []
const { dlopen } = process
process.dlopen = (module, file, ...rest) => {
  loaded.push(file)
  return dlopen.call(process, module, file, ...rest)
}
const [target] = process.argv.slice(2)
await import(target.startsWith('/') ? pathToFileURL(target).href : target)
console.log(JSON.stringify(loaded))
