// PNG to an 8-bit picture. fast-png decodes; this file guards it: it copies the chunks that matter, and inflates the pixels once under
// a limit, because fast-png inflates whatever a file asks for. Colour profiles and gamma are ignored and transparency is laid on white, as in DIGITS.
import type { DecodedPng } from "fast-png";
import type { Inflate } from "../dicom/data-set.ts";
import { deinterlace, PASSES } from "./adam7.ts";
import { orientationOf, upright } from "./exif.ts";
import type { DecodedPicture, Picture } from "./image.ts";

const SIDE_LIMIT = 10_000;
const PIXEL_LIMIT = 40_000_000;
const PIXEL_BYTES_LIMIT = 2 ** 27;
const SIGNATURE_BYTES = 8;

/** Grey, grey and alpha, RGB, RGBA or palette, 1 to 16 bits. Errors do not name the file: picture.ts puts its name in front. */
export async function decodePng(bytes: Uint8Array, inflate: Inflate): Promise<DecodedPicture> {
  const chunks = neededChunks(bytes);
  const header = chunks[0];
  if (header?.type !== "IHDR" || header.data.length !== 13) throw new Error("PNG does not begin with its header (IHDR)");
  // fast-png would take the last one, which no limit has been held against.
  if (chunks.filter(({ type }) => type === "IHDR").length > 1) throw new Error("PNG has more than one header (IHDR)");
  const wanted = pixelBytes(header.data);
  // A true-colour file may suggest a palette to poor displays; fast-png would take it for one in use.
  const indexed = header.data[9] === 3;
  const kept = chunks.filter(({ type }) => (type === "PLTE" ? indexed : type === "tRNS" ? header.data[9] < 4 : type !== "eXIf"));
  if (indexed && !kept.some(({ type }) => type === "PLTE")) throw new Error("PNG has palette colours but no palette (PLTE)");
  const stream = join(chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data));
  if (stream.length < 6 || (stream[0] & 0x0f) !== 8 || (stream[1] & 0x20) !== 0) throw new Error("PNG has no zlib stream (IDAT)");
  const inflated = await inflate(stream.subarray(2, -4), wanted);
  if (inflated.length < wanted) throw new Error(`PNG is cut off: its pixels take ${wanted} bytes, but ${inflated.length} are there`);
  const fastPng = await import("fast-png");
  const exif = chunks.find(({ type }) => type === "eXIf");
  try {
    const isSmallInterlaced = header.data[8] < 8 && header.data[12] === 1;
    const png = isSmallInterlaced
      ? decodeSmallInterlaced(kept, inflated)
      : fastPng.decode(join([bytes.subarray(0, SIGNATURE_BYTES), ...kept.map(({ whole }) => whole)]), { checkCrc: true });
    return toPicture(png, fastPng, exif ? orientationOf(exif.data) : 1);
  } catch (error) {
    throw new Error(`PNG is damaged: ${error instanceof Error ? error.message : "it cannot be decoded"}; get the file again`, {
      cause: error,
    });
  }
}

/** What fast-png returns of other files. */
function decodeSmallInterlaced(chunks: readonly Chunk[], inflated: Uint8Array): DecodedPng {
  for (const { type, whole } of chunks) {
    const wanted = new DataView(whole.buffer, whole.byteOffset).getUint32(whole.length - 4);
    if (crc32(whole.subarray(4, -4)) !== wanted) throw new Error(`the checksum of its chunk ${type} is wrong`);
  }
  const [{ data: header }] = chunks;
  const view = new DataView(header.buffer, header.byteOffset);
  const depth = header[8] as 1 | 2 | 4;
  const size = { width: view.getUint32(0), height: view.getUint32(4), depth };
  const contentOf = (wanted: string): Uint8Array | undefined => chunks.find(({ type }) => type === wanted)?.data;
  const [colours, alphas] = [contentOf("PLTE"), contentOf("tRNS")];
  const palette =
    colours && Array.from({ length: colours.length / 3 }, (_, i) => [...colours.subarray(3 * i, 3 * i + 3), alphas?.[i] ?? 255]);
  return {
    ...size,
    channels: 1,
    text: {},
    data: deinterlace(inflated, size),
    ...(palette && { palette }),
    ...(!palette && alphas?.length === 2 && { transparency: Uint16Array.of(alphas[0] * 256 + alphas[1]) }),
  };
}

/** The checksum of PNG's chunks (ISO 3309). */
function crc32(bytes: Uint8Array): number {
  let crc = -1;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A picture as a PNG file of 8 bits per sample. */
export async function encodePng({ width, height, channels, data }: Picture): Promise<Uint8Array> {
  const { encode } = await import("fast-png");
  return encode({ width, height, channels, depth: 8, data });
}

interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** With length, type and checksum. */
  readonly whole: Uint8Array;
}

const NEEDED = ["IHDR", "PLTE", "tRNS", "eXIf", "IDAT", "IEND"];

function neededChunks(bytes: Uint8Array): Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE_BYTES; chunks[chunks.length - 1]?.type !== "IEND";) {
    const length = at + 12 <= bytes.length ? view.getUint32(at) : Infinity;
    if (at + 12 + length > bytes.length) throw new Error(`PNG is cut off: a chunk at byte ${at} is not complete`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const whole = bytes.subarray(at, at + 12 + length);
    if (NEEDED.includes(type)) chunks.push({ type, whole, data: bytes.subarray(at + 8, at + 8 + length) });
    at += whole.length;
  }
  return chunks;
}

const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** Bytes of the filtered rows that the header promises; throws for a picture we refuse. */
function pixelBytes(header: Uint8Array): number {
  const view = new DataView(header.buffer, header.byteOffset, header.length);
  const [width, height] = [view.getUint32(0), view.getUint32(4)];
  const [depth, colour, , , interlace] = header.subarray(8);
  checkSides("PNG", width, height);
  const channels = CHANNELS[colour];
  if (channels === undefined) throw new Error(`PNG has colour type ${colour}, which does not exist`);
  const bytesOf = (columns: number, rows: number): number => (columns > 0 ? rows * (1 + Math.ceil((columns * channels * depth) / 8)) : 0);
  const total =
    interlace === 0
      ? bytesOf(width, height)
      : PASSES.reduce((sum, [x, y, dx, dy]) => sum + bytesOf(Math.ceil((width - x) / dx), Math.max(0, Math.ceil((height - y) / dy))), 0);
  // Palettes and few bits grow to a byte or three.
  const held = Math.max(total, depth < 8 || colour === 3 ? width * height * 3 : 0);
  if (held > PIXEL_BYTES_LIMIT) {
    throw new Error(`PNG of ${width} x ${height} has ${held} bytes of pixels, over the limit of ${PIXEL_BYTES_LIMIT}: make it smaller`);
  }
  return total;
}

/** Refuses an empty picture, one with more than 10,000 pixels on a side, and one of more than 40 million: small files may claim them. */
export function checkSides(format: string, width: number, height: number): void {
  if (!(width >= 1 && height >= 1 && width <= SIDE_LIMIT && height <= SIDE_LIMIT)) {
    throw new Error(`${format} of ${width} x ${height}: expected 1 to ${SIDE_LIMIT} pixels per side`);
  }
  if (width * height > PIXEL_LIMIT) throw new Error(`${format} of ${width} x ${height} has over ${PIXEL_LIMIT} pixels: make it smaller`);
}

/** Samples as decoded: grey or red, green and blue, then perhaps alpha. */
interface Samples {
  readonly width: number;
  readonly height: number;
  /** Per pixel. */
  readonly channels: number;
  readonly data: ArrayLike<number>;
  /** The value of white, and of an opaque pixel's alpha. */
  readonly most: number;
  /** The colour that is transparent. */
  readonly key?: readonly number[];
}

function toPicture(png: DecodedPng, fastPng: Pick<typeof import("fast-png"), "convertIndexedToRgb">, orientation: number): DecodedPicture {
  const samples = samplesOf(png, fastPng);
  const { picture, isTransparent } = laidOnWhite(samples);
  const { stored, warnings } = png.depth === 16 ? storedValues(png, samples) : { warnings: [] };
  const turned = { ...picture, ...upright(picture, orientation) };
  return {
    picture: turned,
    notes: [
      ...(isTransparent ? ["transparent: laid on white"] : []),
      ...(orientation === 1 ? [] : [`turned as its EXIF orientation (${orientation}) says`]),
    ],
    warnings,
    ...(stored && { stored: upright({ ...picture, channels: 1, data: stored }, orientation).data }),
  };
}

function samplesOf(png: DecodedPng, { convertIndexedToRgb }: Pick<typeof import("fast-png"), "convertIndexedToRgb">): Samples {
  const { width, height, depth, channels, palette, transparency } = png;
  const size = { width, height };
  if (palette) return { ...size, channels: palette[0].length, data: convertIndexedToRgb(png), most: 255 };
  const key = transparency && transparency.length >= channels ? Array.from(transparency.subarray(0, channels)) : undefined;
  if (depth >= 8) return { ...size, channels, data: png.data, most: 2 ** depth - 1, ...(key && { key }) };
  const levels = 2 ** depth;
  const ramp = Array.from({ length: levels }, (_, level) => [Math.round((255 * level) / (levels - 1)), level === key?.[0] ? 0 : 255]);
  return { ...size, channels: 2, data: convertIndexedToRgb({ ...png, palette: ramp }), most: 255 };
}

function laidOnWhite({ width, height, channels, data, most, key }: Samples): {
  readonly picture: Picture;
  readonly isTransparent: boolean;
} {
  const kept = channels < 3 ? 1 : 3;
  const hasAlpha = channels > kept;
  const bytes = new Uint8Array(width * height * kept);
  let isTransparent = false;
  for (let from = 0, to = 0; to < bytes.length; from += channels) {
    const alpha = hasAlpha ? data[from + kept] : key?.every((value, i) => data[from + i] === value) ? 0 : most;
    isTransparent ||= alpha < most;
    for (let channel = 0; channel < kept; channel++) {
      const value = alpha === most ? data[from + channel] : (data[from + channel] * alpha + most * (most - alpha)) / most;
      bytes[to++] = Math.round((value * 255) / most);
    }
  }
  return { picture: { width, height, channels: kept, data: bytes }, isTransparent };
}

/** Share of the range below which 16 bits are hardly meant as grey from black to white. */
const SMALL_RANGE = 0.25;

/** The values of a 16-bit picture as they are, if it is grey, and whether they fill their range. */
function storedValues({ data, channels }: DecodedPng, { most }: Samples): { readonly stored?: Uint16Array; readonly warnings: string[] } {
  let [least, largest] = [Infinity, -Infinity];
  const levels = new Set<number>();
  for (let i = 0; i < data.length; i++) {
    if (channels % 2 === 0 && i % channels === channels - 1) continue;
    least = Math.min(least, data[i]);
    largest = Math.max(largest, data[i]);
    levels.add(Math.round((data[i] * 255) / most));
  }
  const share = (largest - least) / most;
  const isFull = share >= SMALL_RANGE || largest === least;
  const remain = levels.size === 1 ? "1 grey level remains" : `${levels.size} grey levels remain`;
  return {
    ...(channels === 1 && data instanceof Uint16Array && { stored: data }),
    warnings: isFull ? [] : [`uses ${Math.max(1, Math.round(100 * share))} % of its 16-bit range: ${remain}`],
  };
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
