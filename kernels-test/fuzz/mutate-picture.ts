// Mutations of PNG by its chunks, with checksums that fit, and of JPEG by its segments.
import { crc32, deflateSync, inflateSync } from "node:zlib";
import type { Draws } from "./draws.ts";
import { join, mutateBytes, type Mutate } from "./mutate-bytes.ts";

/** A named part of a file. */
interface Part {
  readonly name: string;
  readonly data: Uint8Array;
}

function moved(parts: readonly Part[], draws: Draws, change: (part: Part) => Part): Part[] {
  const at = draws.below(parts.length);
  const steps: readonly (() => Part[])[] = [
    () => parts.with(at, change(parts[at])),
    () => parts.with(at, change(parts[at])),
    () => parts.with(at, change(parts[at])),
    () => parts.toSpliced(at, 1),
    () => parts.toSpliced(draws.below(parts.length), 0, parts[at]),
    () => parts.with(at, { ...parts[at], name: draws.pick(parts).name }),
  ];
  return draws.pick(steps)();
}

const SIGNATURE = 8;

function chunksOf(bytes: Uint8Array): Part[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Part[] = [];
  for (let at = SIGNATURE; at + 12 <= bytes.length; at += 12 + view.getUint32(at))
    chunks.push({
      name: Buffer.from(bytes.subarray(at + 4, at + 8)).toString("latin1"),
      data: bytes.subarray(at + 8, at + 8 + view.getUint32(at)),
    });
  return chunks;
}

function chunk({ name, data }: Part, draws: Draws): Uint8Array {
  const body = join(Buffer.from(name, "latin1"), data);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(draws.chance(0.02) ? draws.word() : crc32(body), 4);
  return join(ends.subarray(0, 4), body, ends.subarray(4));
}

/** A field of the header: width and height of four bytes, then depth, colour, compression, filter and interlacing. */
function headerWith(data: Uint8Array, draws: Draws): Uint8Array {
  const header = Buffer.from(data);
  if (draws.chance(0.5)) header.writeUInt32BE(draws.edge(), 4 * draws.below(2));
  else header[8 + draws.below(5)] = draws.pick([0, 1, 2, 3, 4, 6, 8, 16, 255]);
  return header;
}

export const mutatePng: Mutate = (bytes, draws, pool) => {
  if (draws.chance(0.2)) return mutateBytes(bytes, draws, pool);
  const change = ({ name, data }: Part): Part => {
    if (name === "IHDR" && data.length === 13 && draws.chance(0.8)) return { name, data: headerWith(data, draws) };
    if (name !== "IDAT" || draws.chance(0.3)) return { name, data: mutateBytes(data, draws, pool) };
    try {
      return { name, data: deflateSync(mutateBytes(inflateSync(data), draws, pool)) };
    } catch {
      return { name, data: mutateBytes(data, draws, pool) };
    }
  };
  let chunks = chunksOf(bytes);
  for (let k = 1 + draws.below(3); k > 0 && chunks.length > 0; k--) chunks = moved(chunks, draws, change);
  return join(bytes.subarray(0, SIGNATURE), ...chunks.map((one) => chunk(one, draws)));
};

/** Segments up to the scan, each by its marker; the rest, from the first scan's data on, is one part without a name. */
function segmentsOf(bytes: Uint8Array): Part[] {
  const segments: Part[] = [];
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const length = bytes[at + 2] * 256 + bytes[at + 3];
    segments.push({ name: String.fromCharCode(bytes[at + 1]), data: bytes.subarray(at + 4, at + 2 + length) });
    at += 2 + length;
    if (segments.at(-1)?.name === "\xDA") break;
  }
  return [...segments, { name: "", data: bytes.subarray(at) }];
}

export const mutateJpeg: Mutate = (bytes, draws, pool) => {
  if (draws.chance(0.2)) return mutateBytes(bytes, draws, pool);
  let segments = segmentsOf(bytes);
  const change = ({ name, data }: Part): Part => ({
    name: draws.chance(0.1) ? String.fromCharCode(0xc0 + draws.below(64)) : name,
    data: mutateBytes(data, draws, pool),
  });
  for (let k = 1 + draws.below(3); k > 0 && segments.length > 0; k--) segments = moved(segments, draws, change);
  const parts = segments.map(({ name, data }) => {
    const length = draws.chance(0.05) ? draws.edge() : data.length + 2;
    return name === "" ? data : join(Uint8Array.of(0xff, name.charCodeAt(0), (length >> 8) & 255, length & 255), data);
  });
  return join(Uint8Array.of(0xff, 0xd8), ...parts);
};
