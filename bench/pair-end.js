// One end of a pair: `node pair-end.js <benchmark> <contender> <far|near> <world>`.
// Sends its address to its parent, and then answers calls.
const [benchmark, contender, side, world] = process.argv.slice(2)
const { ends } = await import(`./${benchmark}-ends.js`)

process.once('disconnect', () => process.exit())
const end = { connect: () => undefined, ...(await ends[contender][side](JSON.parse(world))) }
process.on('message', async ({ name, args }) => process.send((await end[name](...args)) ?? null))
process.send(end.address ?? null)
