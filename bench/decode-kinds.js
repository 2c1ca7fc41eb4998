/**
 * Messages that take long to decode for their size, as a hostile peer would write them.
 *
 * Each kind writes a message of `values` keys and values in all, the message itself included.
 */

const NIL = Buffer.from([0xc0])

export const KINDS = {
  'map, distinct keys': (values) => map(half(values), letters, NIL),
  'map, keys of 40 bytes': (values) => map(half(values), (at) => letters(at).padEnd(40, '-'), NIL),
  'map, digits-only keys': (values) => map(half(values), digits, NIL),
  'map, multiples of 4,096': (values) => map(half(values), (at) => `${at * 4_096}`, NIL),
  'map, the same, falling': (values) =>
    map(half(values), (at) => `${(half(values) - at) * 4_096}`, NIL),
  'map, bytes': (values) => map(half(values), letters, Buffer.from([0xc4, 1, 0])),
  'maps of 1 distinct key': (values) => maps(values, 1, letters),
  'maps of 4 distinct keys': (values) => maps(values, 4, letters),
  'maps of 15 distinct keys': (values) => maps(values, 15, letters),
  'maps of 1 digits-only key': (values) => maps(values, 1, digits),
  'maps of 15 digits-only keys': (values) => maps(values, 15, digits),
  'maps of keys of Object.prototype': (values) => maps(values, 1, () => 'constructor'),
  'empty maps': (values) => array(values - 1, Buffer.from([0x80])),
  'empty arrays': (values) => array(values - 1, Buffer.from([0x90])),
  'arrays, nested 99 deep': (values) =>
    array(Math.floor((values - 1) / 99), Buffer.concat([Buffer.alloc(98, 0x91), NIL])),
  nils: (values) => array(values - 1, NIL),
  doubles: (values) => array(values - 1, Buffer.from('cb400921fb54442d18', 'hex')),
  bigints: (values) => array(values - 1, Buffer.from('cfffffffffffffffff', 'hex')),
  dates: (values) => array(values - 1, Buffer.from('d7ff0000000400000005', 'hex')),
  'dates of 12 bytes': (values) =>
    array(values - 1, Buffer.from('c70cff00000000000000000000ffff', 'hex')),
  'empty bytes': (values) => array(values - 1, Buffer.from([0xc4, 0])),
  '1 byte': (values) => array(values - 1, Buffer.from([0xc4, 1, 0])),
  '65 bytes': (values) => array(values - 1, Buffer.from([0xc4, 65, ...Buffer.alloc(65)])),
  'strings of 19 bytes': (values) => array(values - 1, text('x'.repeat(19))),
  'strings of 2 bytes': (values) => array(values - 1, text('é')),
  'strings of U+FFFD': (values) => array(values - 1, text('\ufffd')),
}

function half(values) {
  return Math.floor((values - 1) / 2)
}

function letters(at) {
  return at.toString(36).padStart(6, 'k')
}

/** Far apart, so that V8 keeps them in a table. */
function digits(at) {
  return `${(at * 2_654_435_761) % 4_294_967_291}`
}

/** An array of as many maps of `size` keys each as `values` has room for. */
function maps(values, size, keyAt) {
  const count = Math.floor((values - 1) / (2 * size + 1))
  const item = (index) => {
    const keys = Array.from({ length: size }, (_, at) => text(keyAt(index * size + at)))
    return [Buffer.from([0x80 | size]), ...keys.flatMap((key) => [key, NIL])]
  }
  return Buffer.concat([sized(0xdd, count), ...indices(count).flatMap(item)])
}

function map(size, keyAt, value) {
  return Buffer.concat([
    sized(0xdf, size),
    ...indices(size).flatMap((at) => [text(keyAt(at)), value]),
  ])
}

function array(length, value) {
  return Buffer.concat([sized(0xdd, length), ...indices(length).map(() => value)])
}

function indices(count) {
  return Array.from({ length: count }, (_, at) => at)
}

/** The byte of a type, and a size of four bytes. */
function sized(type, size) {
  const header = Buffer.alloc(5, type)
  header.writeUInt32BE(size, 1)
  return header
}

function text(value) {
  const bytes = Buffer.from(value)
  const header = bytes.length < 32 ? [0xa0 | bytes.length] : [0xd9, bytes.length]
  return Buffer.concat([Buffer.from(header), bytes])
}
