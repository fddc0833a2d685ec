// What a JPEG file's markers say (ITU-T T.81, annex B), read before anything is decoded: its frame, its colours, which way up it is, and where it ends.
import { orientationOf } from "./exif.ts";
import { checkSides } from "./png.ts";

export interface JpegHeader {
  readonly width: number;
  readonly height: number;
  /** One for grey, three for colour. */
  readonly components: readonly JpegComponent[];
  /** Whether the three components are red, green and blue; else luma and two of chroma. */
  readonly isRgb: boolean;
  /** EXIF orientation, 1 to 8. */
  readonly orientation: number;
  readonly scans: number;
  /** Position of the byte after the end marker. What follows it is no part of the picture: a video of a telephone, for example. */
  readonly end: number;
  /** Position of Adobe's colour transform; null without Adobe's segment. */
  readonly transformAt: number | null;
}

export interface JpegComponent {
  readonly id: number;
  /** Sampling factors. */
  readonly h: number;
  readonly v: number;
}

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP14 = 0xee;
const RGB_IDS = Array.from("RGB", (letter) => letter.charCodeAt(0));

type Frame = Pick<JpegHeader, "width" | "height" | "components">;

/** Throws for damage in what it reads, and for a kind of JPEG that is not supported. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let frame: Frame | null = null;
  let hasJfif = false;
  let transformAt: number | null = null;
  let orientation = 1;
  let scans = 0;
  for (let at = 2; at + 2 <= bytes.length;) {
    const marker = bytes[at + 1];
    const isMarker = bytes[at] === 0xff && marker !== 0 && !(marker >= 0xd0 && marker <= 0xd7);
    // Compressed data, in which a byte 255 is followed by 0 or a restart marker, and fill bytes.
    if (!isMarker || marker === 0xff) {
      if (scans === 0 && bytes[at] !== 0xff) throw new Error(`JPEG has no marker at byte ${at}`);
      const next = bytes.indexOf(0xff, at + 1);
      at = next < 0 ? bytes.length : next;
      continue;
    }
    if (marker === END_OF_IMAGE) {
      if (!frame || scans === 0) break;
      return {
        ...frame,
        isRgb: isRgb(frame, hasJfif, transformAt === null ? null : bytes[transformAt]),
        orientation,
        scans,
        end: at + 2,
        transformAt,
      };
    }
    const length = at + 4 <= bytes.length ? view.getUint16(at + 2) : 0;
    const end = at + 2 + length;
    if (length < 2 || end > bytes.length) throw new Error(`JPEG is cut off: a segment at byte ${at} is not complete`);
    const body = bytes.subarray(at + 4, end);
    if (isFrame(marker)) {
      if (frame) throw new Error("JPEG has two frames: save it as baseline or progressive");
      frame = readFrame(marker, body);
    } else if (marker === START_OF_SCAN) {
      if (!frame) throw new Error("JPEG has no frame header before its data");
      scans++;
    } else if (marker === APP0) hasJfif ||= startsWith(body, "JFIF\0");
    else if (marker === APP14 && body.length >= 12 && startsWith(body, "Adobe")) transformAt = at + 4 + 11;
    else if (marker === APP1 && startsWith(body, "Exif\0\0")) orientation = orientationOf(body.subarray(6));
    at = end;
  }
  if (!frame) throw new Error("JPEG has no frame header before its data");
  throw new Error("JPEG is cut off: it has no scan or no end");
}

const startsWith = (bytes: Uint8Array, text: string): boolean => Array.from(text).every((letter, i) => bytes[i] === letter.charCodeAt(0));

const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

/** libjpeg's rule: JFIF means luma and chroma; else Adobe's segment decides; else the components' names do. */
function isRgb({ components }: Frame, hasJfif: boolean, transform: number | null): boolean {
  if (components.length !== 3 || hasJfif) return false;
  return transform === null ? components.every(({ id }, i) => id === RGB_IDS[i]) : transform === 0;
}

function readFrame(marker: number, header: Uint8Array): Frame {
  if (marker > 0xc2) throw new Error("JPEG is lossless, hierarchical or arithmetic: save it as baseline or progressive");
  const [precision, h1, h0, w1, w0, count] = header;
  if (header.length < 6 || header.length !== 6 + 3 * count) throw new Error("JPEG has a damaged frame header");
  if (precision !== 8) throw new Error(`JPEG has ${precision} bits per sample, 8 are supported: save it as 8-bit JPEG or 16-bit PNG`);
  if (count === 4) throw new Error("JPEG has 4 components (CMYK), expected 1 (grey) or 3 (colour): save it as RGB");
  if (count !== 1 && count !== 3) throw new Error(`JPEG has ${count} components, expected 1 (grey) or 3 (colour)`);
  const components = Array.from({ length: count }, (_, i) => {
    const [id, sampling] = header.subarray(6 + 3 * i);
    return { id, h: sampling >> 4, v: sampling & 15 };
  });
  if (!components.every(({ h, v }) => h >= 1 && h <= 4 && v >= 1 && v <= 4))
    throw new Error("JPEG has a damaged frame header: sampling factors must be 1 to 4");
  if (new Set(components.map(({ id }) => id)).size < count)
    throw new Error("JPEG has a damaged frame header: two components have one name");
  const [width, height] = [w1 * 256 + w0, h1 * 256 + h0];
  checkSides("JPEG", width, height);
  return { width, height, components };
}
