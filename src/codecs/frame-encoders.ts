// Encoders of lossless frames for synthetic series, in Node. They run where they are called: their input is ours.
import { createRequire } from "node:module";
import type { FrameEncoder, FrameEncoders } from "./frame.ts";

interface Encoder {
  setDecompositions?(levels: number): void;
  getDecodedBuffer(info: object): Uint8Array;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

/** By transfer syntax UID: JPEG-LS, JPEG 2000 and High-Throughput JPEG 2000, each lossless. Settings are those of a lossless frame by default. */
export async function loadFrameEncoders(): Promise<FrameEncoders> {
  const require = createRequire(import.meta.url);
  const load = (file: string): Promise<Record<string, new () => Encoder>> =>
    (require(`@cornerstonejs/codec-${file}`) as (options: object) => Promise<Record<string, new () => Encoder>>)({
      print() {},
      printErr() {},
    });
  const [charls, openjpeg, openjph] = await Promise.all([load("charls/wasmjs"), load("openjpeg/wasmjs"), load("openjph/wasmjs")]);
  return {
    "1.2.840.10008.1.2.4.80": encodingBy(charls["JpegLSEncoder"], false),
    "1.2.840.10008.1.2.4.90": encodingBy(openjpeg["J2KEncoder"], true),
    "1.2.840.10008.1.2.4.201": encodingBy(openjph["HTJ2KEncoder"], true),
  };
}

/** JPEG-LS knows no sign: its values are cut to their bits. */
const encodingBy =
  (Encoder: new () => Encoder, knowsSign: boolean): FrameEncoder =>
  ({ rows, columns, stored, bitsStored }) => {
    const isSigned = knowsSign && stored instanceof Int16Array;
    const encoder = new Encoder();
    // A wavelet halves each side as often as it can, five times at most.
    encoder.setDecompositions?.(Math.min(5, Math.floor(Math.log2(Math.min(rows, columns)))));
    const buffer = encoder.getDecodedBuffer({
      width: columns,
      height: rows,
      bitsPerSample: bitsStored,
      componentCount: 1,
      isSigned,
      isUsingColorTransform: false,
    });
    const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
    const mask = isSigned ? -1 : (1 << bitsStored) - 1;
    for (let i = 0; i < stored.length; i++) view.setInt16(2 * i, stored[i] & mask, true);
    try {
      encoder.encode();
      return new Uint8Array(encoder.getEncodedBuffer()); // a copy: the buffer is a view of the module's memory
    } catch (error) {
      throw new Error(`the encoder fails on a frame of ${rows} x ${columns} with ${bitsStored} bits`, { cause: error });
    } finally {
      encoder.delete();
    }
  };
