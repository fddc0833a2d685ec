// What a code stream says of itself before any codec sees it: size, samples and bits from SOF (JPEG, ITU T.81 B.2.2), SOF55 (JPEG-LS, ITU
// T.87 C.2.2) or SIZ (JPEG 2000, ITU T.800 A.5.1), and whether its end marker is there. Codecs trust these fields and allocate by them.
import type { Compression } from "./transfer-syntax.ts";

export interface CodeStreamHeader {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly bitsPerSample: number;
  /** Encoded with loss, whatever the transfer syntax promises. */
  readonly lossy: boolean;
  /** The second byte of JPEG's frame marker: 0xc0 baseline, 0xc3 lossless, 0xf7 JPEG-LS; of JPEG 2000's size marker: 0x51. */
  readonly marker: number;
}

/** An OpenJPEG decoder keeps a record for each tile. */
const TILE_LIMIT = 4096;
/** Pad bytes and little more may follow the end marker. */
const TAIL_BYTES = 16;

/** Reads the header of anything but RLE, which has none. Throws an error that says what was expected and what came. */
export function codeStreamHeader(codeStream: Uint8Array, compression: Exclude<Compression, "rle">): CodeStreamHeader {
  const header = compression === "jpeg-2000" ? sizeOfJpeg2000(codeStream) : frameOfJpeg(codeStream);
  if (!endsWithMarker(codeStream)) throw new Error("the code stream has no end marker (FFD9): truncated?");
  return header;
}

function endsWithMarker(codeStream: Uint8Array): boolean {
  for (let at = codeStream.length - 2; at >= Math.max(0, codeStream.length - TAIL_BYTES); at--)
    if (codeStream[at] === 0xff && codeStream[at + 1] === 0xd9) return true;
  return false;
}

function frameOfJpeg(codeStream: Uint8Array): CodeStreamHeader {
  let frame: Omit<CodeStreamHeader, "lossy"> | null = null;
  for (const { marker, segment } of jpegSegments(codeStream)) {
    if (isFrame(marker) && segment.byteLength >= 6)
      frame = {
        bitsPerSample: segment.getUint8(0),
        rows: segment.getUint16(1),
        columns: segment.getUint16(3),
        samples: segment.getUint8(5),
        marker,
      };
    if (marker === 0xda && frame) return { ...frame, lossy: isLossyScan(frame.marker, segment) };
  }
  throw new Error("the code stream has no JPEG frame header (SOF) before its pixels: damaged?");
}

/** A scan header ends in three bytes: of lossless JPEG the last says how many low bits were left out, of JPEG-LS the first how far values may be off. */
function isLossyScan(frame: number, segment: DataView): boolean {
  if (frame !== 0xc3 && frame !== 0xf7) return true;
  if (segment.byteLength < 6) return false;
  return frame === 0xc3 ? (segment.getUint8(segment.byteLength - 1) & 15) > 0 : segment.getUint8(segment.byteLength - 3) > 0;
}

/** SOF0 to SOF15 but DHT, JPG and DAC, which share their range; and SOF55. */
const isFrame = (marker: number): boolean =>
  (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) || marker === 0xf7;

export interface JpegSegment {
  readonly marker: number;
  /** Without the marker and the length. */
  readonly segment: DataView;
  /** The byte after the segment. */
  readonly end: number;
}

/** Marker segments from SOI to the first SOS, that one included (T.81 B.1.1). Throws where a segment goes past the end. */
export function* jpegSegments(codeStream: Uint8Array): Generator<JpegSegment> {
  const view = new DataView(codeStream.buffer, codeStream.byteOffset, codeStream.byteLength);
  if (codeStream.length < 4 || view.getUint16(0) !== 0xffd8) throw new Error("expected a JPEG code stream (FFD8), got something else");
  let at = 2;
  for (let marker = 0; marker !== 0xda;) {
    if (at + 4 > codeStream.length || codeStream[at] !== 0xff)
      throw new Error(`expected a JPEG marker at byte ${at} of the code stream, got none: damaged?`);
    marker = codeStream[at + 1];
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > codeStream.length)
      throw new Error(`a JPEG segment at byte ${at} is ${length} bytes long, but ${codeStream.length - at - 2} are left: truncated?`);
    yield { marker, segment: new DataView(view.buffer, view.byteOffset + at + 4, length - 2), end };
    at = end;
  }
}

function sizeOfJpeg2000(codeStream: Uint8Array): CodeStreamHeader {
  const view = new DataView(codeStream.buffer, codeStream.byteOffset, codeStream.byteLength);
  // SOC, SIZ and 38 bytes of it, then three for each component.
  if (codeStream.length < 45 || view.getUint32(0) !== 0xff4fff51) {
    const isFile = codeStream.length > 8 && view.getUint32(4) === 0x6a502020;
    throw new Error(`expected a JPEG 2000 code stream (FF4F, FF51), got ${isFile ? "a JP2 file around one" : "something else"}`);
  }
  const [xSize, ySize, xOffset, yOffset, tileWidth, tileHeight] = [8, 12, 16, 20, 24, 28].map((at) => view.getUint32(at));
  const tiles = Math.ceil(xSize / tileWidth) * Math.ceil(ySize / tileHeight);
  if (!(tiles <= TILE_LIMIT)) throw new Error(`JPEG 2000: expected at most ${TILE_LIMIT} tiles, got ${tiles}: damaged?`);
  if (view.getUint8(43) !== 1 || view.getUint8(44) !== 1) throw new Error("JPEG 2000: subsampled components are not read");
  requireTileParts(view);
  return {
    rows: ySize - yOffset,
    columns: xSize - xOffset,
    samples: view.getUint16(40),
    bitsPerSample: (view.getUint8(42) & 0x7f) + 1,
    lossy: isIrreversible(view),
    marker: 0x51,
  };
}

const [SOT, EOC] = [0xff90, 0xffd9];

/**
 * Throws unless each tile-part is followed by another or by the end (T.800 A.4.2): where bytes are missing in the middle, the codec of high-throughput
 * JPEG 2000 gives other pixels and no error. A length of 0 reaches to the end.
 */
function requireTileParts(view: DataView): void {
  let at = 2;
  const marker = (): number => (at + 2 <= view.byteLength ? view.getUint16(at) : 0);
  while (marker() !== SOT) {
    if (marker() < 0xff00 || at + 4 > view.byteLength)
      throw new Error(`JPEG 2000: expected a marker at byte ${at} of the code stream, got none: damaged?`);
    at += 2 + view.getUint16(at + 2);
  }
  while (marker() === SOT) {
    const length = at + 12 <= view.byteLength ? view.getUint32(at + 6) : 0;
    if (length === 0) return;
    at += length;
  }
  if (marker() !== EOC) throw new Error("JPEG 2000: a tile-part is longer or shorter than its header says: bytes are missing or too many");
}

/** Whether COD, the coding style (T.800 A.6.1), names the 9-7 wavelet: its last byte is then 0. */
function isIrreversible(view: DataView): boolean {
  for (let at = 2; at + 14 <= view.byteLength; at += 2 + view.getUint16(at + 2)) {
    const marker = view.getUint16(at);
    if (marker === 0xff52) return view.getUint8(at + 13) === 0;
    // Past the main header, or nowhere.
    if (marker < 0xff50 || marker > 0xff64) return false;
  }
  return false;
}
