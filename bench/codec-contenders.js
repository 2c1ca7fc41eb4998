/**
 * The codecs that are compared: MessagePack by rx-cluster, msgpackr and @msgpack/msgpack; CBOR by
 * cbor-x. Each is configured as its fastest interoperable form: plain maps, no record extension.
 */

/** The packages of the contenders. */
export const PACKAGES = {
  'rx-cluster': undefined,
  msgpackr: 'msgpackr',
  '@msgpack/msgpack': '@msgpack/msgpack',
  'cbor-x': 'cbor-x',
}

/** @returns `format`, `encode(message)` → bytes, and `decode(bytes)` → message */
export async function openContender(name) {
  return contenders[name]()
}

const contenders = {
  'rx-cluster': async () => {
    const codec = await (await import('./adapters.js')).openCodec()
    const recycle = (codec.recycle ?? codec.reuse).bind(codec)
    return {
      format: 'MessagePack',
      encode: (message) => {
        const { memory, start, end } = codec.encode(message, 0)
        return memory.subarray(start, end)
      },
      decode: (bytes) => codec.decode(bytes, 0, bytes.length),
      /**
       * Decodes as the node does: a large `Uint8Array` is a view of the frame, as in the others.
       */
      decodeOwned: (bytes) => codec.decode(bytes, 0, bytes.length, true),
      /** Encodes as the node does, which needs no view of the bytes and recycles large buffers. */
      encodeOnly: (message) => {
        const { memory, start, end } = codec.encode(message, 0)
        if (end - start >= 32_768) recycle(memory)
        return end - start
      },
    }
  },

  msgpackr: async () => {
    const { Packr } = await import('msgpackr')
    const packr = new Packr({ useRecords: false, variableMapSize: true })
    return {
      format: 'MessagePack',
      encode: (message) => packr.pack(message),
      decode: (bytes) => packr.unpack(bytes),
    }
  },

  '@msgpack/msgpack': async () => {
    const { Decoder, Encoder } = await import('@msgpack/msgpack')
    const options = { useBigInt64: true }
    const [encoder, decoder] = [new Encoder(options), new Decoder(options)]
    return {
      format: 'MessagePack',
      encode: (message) => encoder.encode(message),
      decode: (bytes) => decoder.decode(bytes),
    }
  },

  'cbor-x': async () => {
    const { Encoder } = await import('cbor-x')
    const coder = new Encoder({ useRecords: false, variableMapSize: true })
    return {
      format: 'CBOR',
      encode: (message) => coder.encode(message),
      decode: (bytes) => coder.decode(bytes),
    }
  },
}
