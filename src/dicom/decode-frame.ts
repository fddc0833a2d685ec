// From a compressed frame to cells of 8 or 16 bits. Every code stream is asked for its size before a codec sees it, and what the codec gives
// is compared with the data set's tags: a codec that meets damage may allocate, stall, or answer with something else and no error.
import { codeStreamHeader, type CodeStreamHeader } from "./code-stream.ts";
import type { DecodedFrame, FrameDecoders } from "../codecs/frame.ts";
import { decodeLosslessJpeg } from "./jpeg-lossless.ts";
import type { CellCoding } from "./pixels.ts";
import { decodeRle } from "./rle.ts";
import type { Compression, TransferSyntax } from "./transfer-syntax.ts";

/** What the data set's tags say of each frame. */
export interface FrameTags extends CellCoding {
  readonly rows: number;
  readonly columns: number;
}

/** Cells of a frame and how values lie in them, which may differ from what the tags say of the uncompressed ones. */
export interface Cells {
  readonly bytes: Uint8Array;
  readonly coding: CellCoding;
  /** Encoded with loss, as the code stream itself says. */
  readonly lossy: boolean;
  /** What the codec gave reason for, for a person to read. */
  readonly notes: readonly string[];
}

/** Decodes a frame of a compressed syntax. Throws on a missing decoder, on damage, and where code stream and tags disagree. */
export async function decodeFrame(
  codeStream: Uint8Array,
  tags: FrameTags,
  syntax: TransferSyntax,
  decoders: FrameDecoders,
): Promise<Cells> {
  const { compression, name, uid } = syntax;
  if (compression === "rle") return { ...cellsOf(decodeRle(codeStream, tags), tags), lossy: false, notes: [] };
  if (compression === null) throw new Error("decodeFrame: expected a compressed syntax");
  const header = codeStreamHeader(codeStream, compression);
  requireKind(header, compression);
  requireShape(header, tags, "code stream");
  const decode = compression === "jpeg-lossless" ? decodeLosslessJpeg : decoders[uid];
  if (!decode) throw new Error(`unsupported transfer syntax ${name} (${uid}): no decoder for it is available here`);
  const frame = await decode(codeStream);
  requireShape(frame, tags, "decoded frame");
  const wanted = tags.rows * tags.columns * (frame.bitsPerSample > 8 ? 2 : 1);
  if (frame.bytes.length !== wanted)
    throw new Error(`the codec returned ${frame.bytes.length} bytes, expected ${wanted}: a damaged code stream`);
  const notes = frame.warned ? [`the codec of ${name} warned while it decoded: the pixels may be damaged`] : [];
  return { ...cellsOf(frame, tags), lossy: header.lossy, notes };
}

/** JPEG's processes by the last byte of their frame marker (T.81 table B.1). */
const KINDS: Readonly<Record<number, string>> = {
  0xc0: "baseline JPEG",
  0xc1: "extended JPEG",
  0xc2: "progressive JPEG",
  0xc3: "lossless JPEG",
  0xf7: "JPEG-LS",
};

const MARKERS: Readonly<Record<Exclude<Compression, "rle">, readonly number[]>> = {
  jpeg: [0xc0, 0xc1],
  "jpeg-lossless": [0xc3],
  "jpeg-ls": [0xf7],
  "jpeg-2000": [0x51],
};

function requireKind({ marker, bitsPerSample }: CodeStreamHeader, compression: Exclude<Compression, "rle">): void {
  if (!MARKERS[compression].includes(marker))
    throw new Error(
      `expected a code stream of ${KINDS[MARKERS[compression][0]]}, got ${KINDS[marker] ?? "another kind of JPEG"}: decompress it first`,
    );
  if (compression === "jpeg" && bitsPerSample !== 8)
    throw new Error(
      `${KINDS[marker]} of ${bitsPerSample} bits is not read, only of 8: decompress it first, e.g. with dcmdjpeg or gdcmconv --raw`,
    );
}

type Shape = Pick<DecodedFrame, "rows" | "columns" | "samples" | "bitsPerSample">;

function requireShape({ rows, columns, samples, bitsPerSample }: Shape, tags: FrameTags, what: string): void {
  if (rows !== tags.rows || columns !== tags.columns)
    throw new Error(
      `the ${what} has ${rows} rows of ${columns}, but Rows and Columns (0028,0010, 0028,0011) say ${tags.rows} of ${tags.columns}`,
    );
  if (samples !== 1) throw new Error(`the ${what} has ${samples} values per pixel, but SamplesPerPixel (0028,0002) says 1`);
  if (bitsPerSample < 1 || bitsPerSample > tags.bitsAllocated)
    throw new Error(`the ${what} has ${bitsPerSample} bits per value, but BitsAllocated (0028,0100) says ${tags.bitsAllocated}`);
}

/**
 * A code stream may hold whole cells, what lies above HighBit included, or values alone, at the lower end. The tag says whether they are
 * signed; a code stream that says "unsigned" then holds their bits, and the sign is in the topmost of them.
 */
function cellsOf({ bytes, bitsPerSample, signed }: DecodedFrame, tags: FrameTags): Omit<Cells, "lossy" | "notes"> {
  const { bitsStored } = tags;
  const bitsAllocated = bitsPerSample > 8 ? 16 : 8;
  if (bitsPerSample > bitsStored) return { bytes, coding: { ...tags, bitsAllocated, bigEndian: false } };
  if (tags.signed && !signed && bitsPerSample < bitsStored)
    throw new Error(
      `unsigned values of ${bitsPerSample} bits in the code stream, signed ones of ${bitsStored} by the tags: the sign is unclear`,
    );
  if (signed && !tags.signed && hasNegative(bytes, bitsAllocated))
    throw new Error("negative values in the code stream, but PixelRepresentation (0028,0103) says unsigned");
  return { bytes, coding: { bitsAllocated, bitsStored: bitsPerSample, highBit: bitsPerSample - 1, signed: tags.signed, bigEndian: false } };
}

function hasNegative(bytes: Uint8Array, bitsAllocated: 8 | 16): boolean {
  for (let at = bitsAllocated / 8 - 1; at < bytes.length; at += bitsAllocated / 8) if (bytes[at] >= 0x80) return true;
  return false;
}
