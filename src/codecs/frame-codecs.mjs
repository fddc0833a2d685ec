// @ts-check
// What both decoding workers do: one frame through a codec that Emscripten built. JavaScript, because a worker thread of Node 20 starts
// from a file as it stands and strips no types.

/**
 * @typedef {import("./syntaxes.ts").CodecName} CodecName
 * @typedef {import("./frame.ts").DecodedFrame} DecodedFrame
 * @typedef {{ width: number, height: number, componentCount: number, bitsPerSample: number, isSigned?: boolean }} FrameInfo
 * @typedef {{ getEncodedBuffer(length: number): Uint8Array, decode(): void, getFrameInfo(): FrameInfo, getDecodedBuffer(): Uint8Array, delete(): void }} Decoder
 * @typedef {Record<string, any> & { getExceptionMessage?(pointer: number): string | string[] }} CodecModule
 * @typedef {(options: object) => Promise<CodecModule>} CodecFactory
 * @typedef {{ codec: CodecName, codeStream: Uint8Array | null }} DecodeRequest  without a code stream the codec is started and no more
 * @typedef {{ frame: DecodedFrame } | { error: string } | { started: true }} DecodeReply
 */

/** @type {Readonly<Record<CodecName, string>>} */
const DECODERS = { jpeg: "JPEGDecoder", "jpeg-ls": "JpegLSDecoder", "jpeg-2000": "J2KDecoder", htj2k: "HTJ2KDecoder" };

/**
 * A worker's answer to each request. A codec is started when it is first wanted and kept, but not after an error: one that has thrown may have
 * left its memory in any state.
 * @param {(codec: CodecName) => Promise<{ factory: CodecFactory, locateFile?: () => string }>} load
 * @returns {(request: DecodeRequest) => Promise<DecodeReply>}
 */
export function answering(load) {
  /** @type {Map<CodecName, CodecModule>} */
  const modules = new Map();
  // The codecs print what they meet, a file's content included: only that they did is kept. OpenJPEG also prints where it is.
  let prints = 0;
  const count = (/** @type {string} */ text) => void (text.startsWith("[INFO]") || prints++);
  const counting = { print: count, printErr: count };
  return async ({ codec, codeStream }) => {
    let module = modules.get(codec);
    try {
      if (!module) {
        const { factory, ...options } = await load(codec);
        module = await factory({ ...counting, ...options });
        modules.set(codec, module);
      }
      if (codeStream === null) return { started: true };
      prints = 0;
      const frame = decode(new module[DECODERS[codec]](), codeStream);
      return { frame: prints > 0 ? { ...frame, warned: true } : frame };
    } catch (error) {
      modules.delete(codec);
      return { error: reasonOf(error, module) };
    }
  };
}

/**
 * @param {Decoder} decoder
 * @param {Uint8Array} codeStream
 * @returns {DecodedFrame}
 */
function decode(decoder, codeStream) {
  decoder.getEncodedBuffer(codeStream.length).set(codeStream);
  decoder.decode();
  const { width, height, componentCount, bitsPerSample, isSigned = false } = decoder.getFrameInfo();
  // A copy: the buffer is a view of the module's memory.
  const bytes = new Uint8Array(decoder.getDecodedBuffer());
  decoder.delete();
  return { rows: height, columns: width, samples: componentCount, bitsPerSample, signed: isSigned, bytes };
}

/**
 * C++ exceptions arrive as numbers, pointers into the module's memory.
 * @param {unknown} error
 * @param {CodecModule | undefined} module
 */
function reasonOf(error, module) {
  if (error instanceof Error) return error.message;
  if (typeof error !== "number") return "no reason given";
  const message = module?.getExceptionMessage?.(error);
  return message ? [message].flat().filter(Boolean).join(": ") : "the code stream is damaged";
}
