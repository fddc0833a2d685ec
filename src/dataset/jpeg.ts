// JPEG to an 8-bit picture: baseline and progressive, grey or colour. jpeg-js decodes, the same bits in Node and in a browser; this file
// reads the frame header first, so that a small file cannot ask for much memory or time. Orientation tags (EXIF) are ignored, as in DIGITS.
import type { Picture } from "./image.ts";
import { checkSides, PIXEL_LIMIT } from "./png.ts";

const MEMORY_LIMIT_MB = 512;
/** A progressive file has about ten; each costs a pass over the whole picture. */
const SCAN_LIMIT = 100;

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;

/** Errors do not name the file: picture.ts puts its name in front. */
export async function decodeJpeg(bytes: Uint8Array): Promise<Picture> {
  const { width, height, components, end } = readFrame(bytes);
  checkScans(bytes.subarray(end));
  // Every block of 8 x 8 takes at least a bit.
  if (bytes.length * 8 < (width * height) / 64) throw new Error(`JPEG of ${width} x ${height} cannot fit in ${bytes.length} bytes`);
  const { decode } = await import("jpeg-js");
  const decoded = decode(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxResolutionInMP: PIXEL_LIMIT / 1e6,
    maxMemoryUsageInMB: MEMORY_LIMIT_MB,
  });
  if (components === 3) return { width, height, channels: 3, data: decoded.data };
  return { width, height, channels: 1, data: decoded.data.filter((_, i) => i % 3 === 0) };
}

interface Frame {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Byte after the frame header. */
  readonly end: number;
}

/** Walks the marker segments up to the frame header; ITU-T T.81, annex B. */
function readFrame(bytes: Uint8Array): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) throw new Error(`JPEG has no marker at byte ${at}`);
    const marker = bytes[at + 1];
    if (marker === 0xff) {
      at++;
      continue;
    }
    const length = view.getUint16(at + 2);
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw new Error(`JPEG is cut off: a segment at byte ${at} is not complete`);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return checkFrame(marker, bytes.subarray(at + 4, end), end);
    if (marker === START_OF_SCAN) break;
    at = end;
  }
  throw new Error("JPEG has no frame header before its data");
}

function checkFrame(marker: number, header: Uint8Array, end: number): Frame {
  if (marker > 0xc2) throw new Error("JPEG is lossless, hierarchical or arithmetic: save it as baseline or progressive");
  const [precision, h1, h0, w1, w0, components] = header;
  if (header.length < 6 || header.length !== 6 + 3 * components) throw new Error("JPEG has a damaged frame header");
  if (precision !== 8) throw new Error(`JPEG has ${precision} bits per sample, 8 are supported: save it as 8-bit JPEG or 16-bit PNG`);
  if (components !== 1 && components !== 3) throw new Error(`JPEG has ${components} components, expected 1 (grey) or 3 (colour)`);
  const ids = new Set<number>();
  for (let i = 6; i < header.length; i += 3) {
    const sampling = header[i + 1];
    if (!/^[1-4][1-4]$/.test(sampling.toString(16))) throw new Error("JPEG has a damaged frame header: sampling factors must be 1 to 4");
    ids.add(header[i]);
  }
  if (ids.size < components) throw new Error("JPEG has a damaged frame header: two components have one name");
  const [width, height] = [w1 * 256 + w0, h1 * 256 + h0];
  checkSides("JPEG", width, height);
  return { width, height, components, end };
}

/** Inside compressed data a byte 255 is always followed by 0 or a restart marker, so these markers can be found by looking. */
function checkScans(data: Uint8Array): void {
  let scans = 0;
  let ended = false;
  for (let at = data.indexOf(0xff); at >= 0; at = data.indexOf(0xff, at + 1)) {
    if (data[at + 1] === START_OF_SCAN) scans++;
    if (data[at + 1] === END_OF_IMAGE) ended = true;
  }
  if (scans === 0 || !ended) throw new Error("JPEG is cut off: it has no scan or no end");
  if (scans > SCAN_LIMIT) throw new Error(`JPEG has ${scans} scans, over the limit of ${SCAN_LIMIT}`);
}
