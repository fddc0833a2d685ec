// Compressed pixels lie in fragments (PS3.5 A.4): items after an offset table, which may be empty. From them to one code stream per frame.
import type { Compression } from "./transfer-syntax.ts";

const ITEM = 0xfffee000;
const END_OF_SEQUENCE = 0xfffee0dd;
/** One frame of 64 MiB in fragments of 1 KiB; more are damage. */
const FRAGMENT_LIMIT = 65_536;

interface Fragment {
  /** Position of the item's tag, in bytes from the first item after the offset table. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Where frames start, as the data set's extended offset table (7FE0,0001) says: 64-bit numbers; null: it has none. */
export type ExtendedOffsets = Uint8Array | null;

/** The code stream of each frame. `start` is the byte after the header of PixelData. Throws where fragments and frames do not fit. */
export function frameStreams(
  bytes: Uint8Array,
  start: number,
  frames: number,
  compression: Compression,
  extended: ExtendedOffsets,
): Uint8Array[] {
  const [table, ...fragments] = readItems(bytes, start);
  if (!table || fragments.length === 0) throw new Error("the compressed pixels have no fragments: truncated?");
  if (frames === 1) return [join(fragments)];
  const starts =
    offsets(table.bytes, 4) ?? offsets(extended, 8) ?? (fragments.length === frames ? fragments.map(({ offset }) => offset) : null);
  const firsts = starts ? fragmentsAt(starts, fragments) : fragmentsByMarkers(fragments, compression);
  if (firsts.length !== frames) throw new Error(`expected ${frames} frames, got ${firsts.length} among ${fragments.length} fragments`);
  return firsts.map((first, i) => join(fragments.slice(first, firsts[i + 1])));
}

/** The offset table, then the fragments. Always little endian. */
function readItems(bytes: Uint8Array, start: number): Fragment[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const items: Fragment[] = [];
  let origin = start;
  for (let at = start; ;) {
    if (at + 8 > bytes.length) throw new Error("the compressed pixels have no end: truncated?");
    const tag = view.getUint16(at, true) * 0x10000 + view.getUint16(at + 2, true);
    const length = view.getUint32(at + 4, true);
    if (tag === END_OF_SEQUENCE) return items;
    if (tag !== ITEM) throw new Error(`expected a fragment (FFFE,E000) at byte ${at}, got another element: damaged?`);
    if (at + 8 + length > bytes.length)
      throw new Error(`a fragment at byte ${at} is ${length} bytes long, but ${bytes.length - at - 8} are left: truncated?`);
    if (items.length > FRAGMENT_LIMIT) throw new Error(`the compressed pixels have more than ${FRAGMENT_LIMIT} fragments: damaged?`);
    items.push({ offset: at - origin, bytes: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length;
    if (items.length === 1) origin = at;
  }
}

/** Numbers of an offset table; null if it is absent or empty. */
function offsets(table: Uint8Array | null, width: 4 | 8): number[] | null {
  if (!table || table.length < width) return null;
  const view = new DataView(table.buffer, table.byteOffset, table.byteLength);
  return Array.from({ length: Math.floor(table.length / width) }, (_, i) =>
    width === 4 ? view.getUint32(4 * i, true) : Number(view.getBigUint64(8 * i, true)),
  );
}

function fragmentsAt(starts: readonly number[], fragments: readonly Fragment[]): number[] {
  const places = new Map(fragments.map(({ offset }, i) => [offset, i]));
  return starts.map((offset, i) => {
    const place = places.get(offset);
    if (place === undefined || (i === 0 ? place !== 0 : offset <= starts[i - 1]))
      throw new Error(`the offset table's entry ${i + 1} is not the start of a fragment after the one before: damaged?`);
    return place;
  });
}

/** A frame starts where a code stream does, SOI (FFD8) or SOC (FF4F), if the fragment before ended one (FFD9, and perhaps a pad byte). */
function fragmentsByMarkers(fragments: readonly Fragment[], compression: Compression): number[] {
  if (compression === "rle") throw new Error("RLE: expected one fragment per frame");
  const second = compression === "jpeg-2000" ? 0x4f : 0xd8;
  const starts = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === second;
  const ends = (bytes: Uint8Array): boolean =>
    [1, 2].some((pad) => bytes[bytes.length - pad - 1] === 0xff && bytes[bytes.length - pad] === 0xd9);
  return [...fragments.keys()].filter((i) => starts(fragments[i].bytes) && (i === 0 || ends(fragments[i - 1].bytes)));
}

function join(fragments: readonly Fragment[]): Uint8Array {
  if (fragments.length === 1) return fragments[0].bytes;
  const whole = new Uint8Array(fragments.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of fragments) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

/** PixelData's value for one frame: an empty offset table, one fragment of even length, the end. */
export function encapsulate(codeStream: Uint8Array): Uint8Array {
  const length = codeStream.length + (codeStream.length & 1);
  const bytes = new Uint8Array(8 + 8 + length + 8);
  const view = new DataView(bytes.buffer);
  const item = (at: number, tag: number, size: number): void => {
    view.setUint16(at, tag >>> 16, true);
    view.setUint16(at + 2, tag & 0xffff, true);
    view.setUint32(at + 4, size, true);
  };
  item(0, ITEM, 0);
  item(8, ITEM, length);
  bytes.set(codeStream, 16);
  item(16 + length, END_OF_SEQUENCE, 0);
  return bytes;
}
