// Lossless JPEG (ITU T.81 annex H) of one grey component: Huffman-coded differences from a predictor, 2 to 16 bits. Any predictor is
// decoded; predictor 1, the left neighbour, is encoded (DICOM's "SV1"). Frames are [rows, columns].
import { jpegSegments } from "./code-stream.ts";
import type { DecodedFrame, StoredFrame } from "../codecs/frame.ts";
import { decodingTable, encodingTable, huffmanTable } from "./huffman.ts";

interface Scan {
  readonly rows: number;
  readonly columns: number;
  readonly precision: number;
  readonly predictor: number;
  /** Low bits left out of the code. */
  readonly pointTransform: number;
  /** Pixels between restarts; 0: none. */
  readonly restartInterval: number;
  readonly table: Uint16Array;
  /** Where the coded differences start. */
  readonly start: number;
}

/** Decodes a code stream whose extents the caller has checked. Throws on damage and where pixels are missing. */
export function decodeLosslessJpeg(codeStream: Uint8Array): DecodedFrame {
  const scan = readScan(codeStream);
  const values = new Uint16Array(scan.rows * scan.columns);
  decodeScan(codeStream, scan, values);
  const { rows, columns, precision } = scan;
  const shape = { rows, columns, samples: 1, bitsPerSample: precision, signed: false };
  if (precision <= 8) return { ...shape, bytes: Uint8Array.from(values) };
  const bytes = new Uint8Array(2 * values.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setUint16(2 * i, values[i], true);
  return { ...shape, bytes };
}

function readScan(codeStream: Uint8Array): Scan {
  const tables = new Map<number, Uint16Array>();
  let frame: { precision: number; rows: number; columns: number } | null = null;
  let restartInterval = 0;
  for (const { marker, segment, end } of jpegSegments(codeStream)) {
    if (marker === 0xc3) {
      if (segment.byteLength < 9 || segment.getUint8(5) !== 1) throw new Error("lossless JPEG: expected one grey component");
      frame = { precision: segment.getUint8(0), rows: segment.getUint16(1), columns: segment.getUint16(3) };
    } else if (marker === 0xc4) readTables(segment, tables);
    else if (marker === 0xdd && segment.byteLength >= 2) restartInterval = segment.getUint16(0);
    else if (marker === 0xda) {
      if (!frame || segment.byteLength < 6) break;
      const table = tables.get(segment.getUint8(2) >> 4);
      const predictor = segment.getUint8(3);
      const pointTransform = segment.getUint8(5) & 15;
      if (!table || predictor < 1 || predictor > 7 || frame.precision < 2 || frame.precision > 16 || pointTransform >= frame.precision)
        break;
      // H.1.1: restarts fall between rows.
      if (restartInterval % frame.columns !== 0) throw new Error("lossless JPEG: restarts within a row are not allowed: damaged?");
      return { ...frame, predictor, pointTransform, restartInterval, table, start: end };
    }
  }
  throw new Error("lossless JPEG: expected SOF3, a Huffman table and one scan with predictor 1 to 7, got something else: damaged?");
}

function readTables(segment: DataView, tables: Map<number, Uint16Array>): void {
  for (let at = 0; at + 17 <= segment.byteLength;) {
    const id = segment.getUint8(at) & 15;
    const bytes = new Uint8Array(segment.buffer, segment.byteOffset, segment.byteLength);
    const counts = bytes.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const symbols = bytes.subarray(at + 17, at + 17 + total);
    if (symbols.length < total || symbols.some((symbol) => symbol > 16)) throw new Error("lossless JPEG: a Huffman table is damaged");
    tables.set(id, decodingTable({ counts, symbols }));
    at += 17 + total;
  }
}

function decodeScan(codeStream: Uint8Array, scan: Scan, values: Uint16Array): void {
  const { columns, precision, predictor, pointTransform, restartInterval, table } = scan;
  const bits = new BitReader(codeStream, scan.start);
  const mask = 0xffff >> pointTransform;
  let firstRow = true;
  for (let at = 0; at < values.length; at += columns) {
    if (restartInterval > 0 && at > 0 && at % restartInterval === 0) {
      bits.restart();
      firstRow = true;
    }
    for (let column = 0; column < columns; column++) {
      const i = at + column;
      const left = column > 0 ? values[i - 1] : 0;
      const above = firstRow ? 0 : values[i - columns];
      // H.1.2.1: the first row looks left, the first column up, the first pixel to the middle of the range.
      let predicted: number;
      if (firstRow) predicted = column > 0 ? left : 1 << (precision - pointTransform - 1);
      else if (column === 0) predicted = above;
      else predicted = predict(predictor, left, above, values[i - columns - 1]);
      values[i] = (predicted + bits.difference(table)) & mask;
    }
    firstRow = false;
  }
  if (pointTransform > 0) for (let i = 0; i < values.length; i++) values[i] <<= pointTransform;
}

/** T.81 table H.1. */
function predict(predictor: number, left: number, above: number, corner: number): number {
  switch (predictor) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return corner;
    case 4:
      return left + above - corner;
    case 5:
      return left + ((above - corner) >> 1);
    case 6:
      return above + ((left - corner) >> 1);
    default:
      return (left + above) >> 1;
  }
}

/** Bits of a scan, most significant first. A zero after FF is stuffing; any other byte there is a marker and ends the bits. */
class BitReader {
  readonly #bytes: Uint8Array;
  #at: number;
  #bits = 0;
  #count = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** The next difference (H.1.2.2): the number of its bits by Huffman code, then the bits. */
  difference(table: Uint16Array): number {
    if (this.#count < 16) this.#fill();
    // Past the end the code is filled up with zeros; bits that are not there are noticed when they are taken.
    const entry = table[this.#count >= 16 ? (this.#bits >>> (this.#count - 16)) & 0xffff : (this.#bits << (16 - this.#count)) & 0xffff];
    if (entry === 0) throw new Error("lossless JPEG: bits that are not a Huffman code: damaged or truncated?");
    this.#take(entry >> 5);
    const size = entry & 31;
    if (size === 0) return 0;
    if (size === 16) return 32768;
    if (this.#count < size) this.#fill();
    const value = (this.#bits >>> (this.#count - size)) & ((1 << size) - 1);
    this.#take(size);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }

  /** Skips to the next RST marker and past it. */
  restart(): void {
    this.#count = 0;
    const marker = this.#bytes[this.#at + 1];
    if (this.#bytes[this.#at] !== 0xff || marker < 0xd0 || marker > 0xd7)
      throw new Error("lossless JPEG: expected a restart marker: damaged?");
    this.#at += 2;
  }

  #take(count: number): void {
    if (count > this.#count) throw new Error("lossless JPEG: the code ends before all pixels: truncated?");
    this.#count -= count;
  }

  /** Up to 24 bits or more, as long as there are any. */
  #fill(): void {
    while (this.#count <= 23 && this.#at < this.#bytes.length) {
      const byte = this.#bytes[this.#at];
      if (byte === 0xff && this.#bytes[this.#at + 1] !== 0) return;
      this.#at += byte === 0xff ? 2 : 1;
      this.#bits = (this.#bits << 8) | byte;
      this.#count += 8;
    }
  }
}

/** Encodes with predictor 1 and a Huffman table made for the frame. Values are cut to `bitsStored` bits, so a sign becomes the top bit. */
export function encodeLosslessJpeg({ rows, columns, stored, bitsStored }: StoredFrame): Uint8Array {
  const differences = differencesOf(stored, columns, bitsStored);
  const frequencies = new Uint32Array(17);
  for (const difference of differences) frequencies[sizeOf(difference)]++;
  const table = huffmanTable(frequencies);
  const frame = [bitsStored, rows >> 8, rows & 255, columns >> 8, columns & 255, 1, 1, 0x11, 0];
  const huffman = [0, ...table.counts, ...table.symbols];
  const scan = [1, 1, 0, 1, 0, 0];
  const segment = (marker: number, content: readonly number[]): number[] => [0xff, marker, 0, content.length + 2, ...content];
  const header = [0xff, 0xd8, ...segment(0xc3, frame), ...segment(0xc4, huffman), ...segment(0xda, scan)];
  // At most 16 + 15 bits per pixel, and as many stuffed zeros as bytes.
  const codeStream = new Uint8Array(header.length + 8 * stored.length + 4);
  codeStream.set(header);
  const end = writeDifferences(codeStream, header.length, differences, encodingTable(table));
  codeStream.set([0xff, 0xd9], end);
  return codeStream.slice(0, end + 2);
}

/** In -32767..32768, modulo 2^16 (H.1.2.1). */
function differencesOf(stored: StoredFrame["stored"], columns: number, bitsStored: number): Int32Array {
  const mask = (1 << bitsStored) - 1;
  return Int32Array.from({ length: stored.length }, (_, i) => {
    let predicted = 1 << (bitsStored - 1);
    if (i >= columns) predicted = stored[i % columns === 0 ? i - columns : i - 1] & mask;
    else if (i > 0) predicted = stored[i - 1] & mask;
    const difference = (((stored[i] & mask) - predicted) << 16) >> 16;
    return difference === -32768 ? 32768 : difference;
  });
}

const sizeOf = (difference: number): number => 32 - Math.clz32(Math.abs(difference));

type EncodingTable = ReturnType<typeof encodingTable>;

function writeDifferences(bytes: Uint8Array, start: number, differences: Int32Array, { lengths, codes }: EncodingTable): number {
  let at = start;
  let bits = 0;
  let count = 0;
  const put = (value: number, length: number): void => {
    bits = (bits << length) | value;
    count += length;
    while (count >= 8) {
      count -= 8;
      const byte = (bits >>> count) & 255;
      bytes[at++] = byte;
      if (byte === 255) bytes[at++] = 0;
    }
  };
  for (const difference of differences) {
    const size = sizeOf(difference);
    put(codes[size], lengths[size]);
    if (size > 0 && size < 16) put((difference < 0 ? difference - 1 : difference) & ((1 << size) - 1), size);
  }
  // F.1.2.3: the last byte is filled up with ones.
  if (count > 0) put((1 << (8 - count)) - 1, 8 - count);
  return at;
}
