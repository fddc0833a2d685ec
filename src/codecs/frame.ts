// Frames of compressed DICOM pixels, as codecs take and give them: the types that the DICOM reader, the codec workers and the platform share.

/** Pixels as a code stream says they are; nothing of the data set's tags is in it. */
export interface DecodedFrame {
  readonly rows: number;
  readonly columns: number;
  /** Values per pixel; they lie interleaved. */
  readonly samples: number;
  readonly bitsPerSample: number;
  readonly signed: boolean;
  /** [rows, columns, samples]; a byte a value up to 8 bits, else two, little endian. */
  readonly bytes: Uint8Array;
  /** The codec printed something while it decoded: it met what it did not expect. */
  readonly warned?: boolean;
}

/** Decodes a whole code stream. Rejects with an Error on damage, and within seconds on damage that makes a codec hang. */
export type FrameDecoder = (codeStream: Uint8Array) => Promise<DecodedFrame>;

/** Decoders by transfer syntax UID: `Platform.decoders`. */
export type FrameDecoders = Readonly<Record<string, FrameDecoder>>;

/** One grey frame to be written, [rows, columns]. */
export interface StoredFrame {
  readonly rows: number;
  readonly columns: number;
  readonly stored: Int16Array | Uint16Array;
  /** Bits that a value has, its sign included. */
  readonly bitsStored: number;
}

/** Encodes without loss; throws if the codec fails. */
export type FrameEncoder = (frame: StoredFrame) => Uint8Array;

/** Encoders by transfer syntax UID: what `loadFrameEncoders` returns. */
export type FrameEncoders = Readonly<Record<string, FrameEncoder>>;
