// RLE Lossless (PS3.5 annex G): each byte of a value is a plane of its own, most significant first, packed like Macintosh PackBits.
// Frames are [rows, columns, samples].
import type { DecodedFrame, StoredFrame } from "../codecs/frame.ts";

/** Number of segments, then their offsets: 16 words of 32 bits. */
const HEADER_BYTES = 64;
const MAX_SEGMENTS = 15;

export interface RleShape {
  readonly rows: number;
  readonly columns: number;
  readonly bitsAllocated: 8 | 16;
}

/** Decodes a grey frame; the stream does not say its own extents. Throws where a plane is missing or ends early. */
export function decodeRle(codeStream: Uint8Array, { rows, columns, bitsAllocated }: RleShape): DecodedFrame {
  const planes = bitsAllocated / 8;
  if (codeStream.length < HEADER_BYTES)
    throw new Error(`RLE: expected a header of ${HEADER_BYTES} bytes, got ${codeStream.length}: truncated?`);
  const header = new DataView(codeStream.buffer, codeStream.byteOffset, HEADER_BYTES);
  const segments = header.getUint32(0, true);
  if (segments !== planes)
    throw new Error(
      `RLE: expected ${planes} segments for one grey value of ${bitsAllocated} bits, got ${segments > MAX_SEGMENTS ? "too many" : segments}`,
    );
  const bytes = new Uint8Array(rows * columns * planes);
  for (let plane = 0; plane < planes; plane++) {
    const start = header.getUint32(4 + 4 * plane, true);
    const end = plane + 1 < planes ? header.getUint32(8 + 4 * plane, true) : codeStream.length;
    if (start < HEADER_BYTES || end < start || end > codeStream.length)
      throw new Error(`RLE: segment ${plane + 1} lies outside its ${codeStream.length} bytes: truncated?`);
    // Bytes go out little endian: the first, most significant plane lands last.
    unpack(codeStream.subarray(start, end), bytes, planes - 1 - plane, planes);
  }
  return { rows, columns, samples: 1, bitsPerSample: bitsAllocated, signed: false, bytes };
}

/** Fills a plane. A pad byte may follow, or zeros, as some encoders write; more values than the plane has show that an extent is wrong. */
function unpack(packed: Uint8Array, bytes: Uint8Array, first: number, step: number): void {
  let from = 0;
  let to = first;
  while (to < bytes.length) {
    if (from >= packed.length) throw new Error("RLE: a segment ends before its plane is full: truncated?");
    const control = packed[from++];
    if (control === 128) continue;
    const count = control < 128 ? control + 1 : 257 - control;
    const wanted = control < 128 ? count : 1;
    if (from + wanted > packed.length) throw new Error("RLE: a segment ends within a run: truncated?");
    if (to + (count - 1) * step >= bytes.length) throw new Error("RLE: a run goes past the end of its plane: damaged?");
    for (let i = 0; i < count; i++, to += step) bytes[to] = packed[control < 128 ? from + i : from];
    from += wanted;
  }
  const isMore = packed.length - from > 1 && packed.subarray(from).some((byte) => byte !== 0 && byte !== 128);
  if (isMore)
    throw new Error("RLE: a segment goes on after its plane is full: Rows and Columns (0028,0010, 0028,0011), or the stream, are wrong");
}

/** Encodes in two planes, row by row: no run crosses the end of a row (G.3.1). */
export function encodeRle({ rows, columns, stored }: StoredFrame): Uint8Array {
  const high = new Uint8Array(stored.length);
  const low = new Uint8Array(stored.length);
  for (let i = 0; i < stored.length; i++) {
    high[i] = stored[i] >> 8;
    low[i] = stored[i];
  }
  const segments = [high, low].map((plane) => pack(plane, rows, columns));
  const codeStream = new Uint8Array(HEADER_BYTES + segments[0].length + segments[1].length);
  const header = new DataView(codeStream.buffer);
  header.setUint32(0, 2, true);
  header.setUint32(4, HEADER_BYTES, true);
  header.setUint32(8, HEADER_BYTES + segments[0].length, true);
  codeStream.set(segments[0], HEADER_BYTES);
  codeStream.set(segments[1], HEADER_BYTES + segments[0].length);
  return codeStream;
}

/** Encodes a plane as one segment of even length, padded with a zero. */
function pack(plane: Uint8Array, rows: number, columns: number): Uint8Array {
  // A literal of up to 128 bytes costs one more.
  const packed = new Uint8Array(plane.length + rows * Math.ceil(columns / 128) + 2);
  let to = 0;
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * columns;
    for (let at = row * columns; at < end;) {
      const run = runLength(plane, at, end);
      if (run > 1) {
        packed[to++] = 257 - run;
        packed[to++] = plane[at];
        at += run;
        continue;
      }
      const start = at;
      while (at < end && at - start < 128 && runLength(plane, at, Math.min(end, at + 3)) < 3) at++;
      packed[to++] = at - start - 1;
      packed.set(plane.subarray(start, at), to);
      to += at - start;
    }
  }
  return packed.subarray(0, to + (to & 1));
}

function runLength(plane: Uint8Array, at: number, end: number): number {
  const last = Math.min(end, at + 128);
  let i = at + 1;
  while (i < last && plane[i] === plane[at]) i++;
  return i - at;
}
