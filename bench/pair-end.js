// One end of a pair: `node pair-end.js <comparison> <contender> <far|near> <world>`. It says its address, and then does as it is told.
const [comparison, contender, side, world] = process.argv.slice(2)
const { ends } = await import(`./${comparison}-ends.js`)

process.once('disconnect', () => process.exit())
const end = { meet: () => undefined, ...(await ends[contender][side](JSON.parse(world))) }
process.on('message', async ({ name, args }) => process.send((await end[name](...args)) ?? null))
process.send(end.address ?? null)
