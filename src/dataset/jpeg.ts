// JPEG to an 8-bit picture: baseline and progressive, grey or colour. jpeg-js decodes its blocks, the same bits in Node and in a browser; the header is
// read first, so that a small file cannot ask for much memory or time, and colours are computed here, as libjpeg computes them.
import { interpolateChroma, toRgb } from "./chroma.ts";
import { upright } from "./exif.ts";
import type { DecodedPicture } from "./image.ts";
import { readJpegHeader, type JpegHeader } from "./jpeg-header.ts";

/** Largest number of pixels: more than any CT slice or photograph that a network of 227 pixels needs, and some seconds of decoding. */
const PIXEL_LIMIT = 2 ** 24;
const MEMORY_LIMIT_MB = 512;
/** A progressive file has about ten scans; each costs a pass over the whole picture, so their number times the pixels is bounded, too. */
const SCAN_LIMIT = 100;
const SCANNED_PIXELS_LIMIT = 2 ** 28;

/** Errors do not name the file: picture.ts puts its name in front. */
export async function decodeJpeg(bytes: Uint8Array): Promise<DecodedPicture> {
  const header = readJpegHeader(bytes);
  checkCost(bytes, header);
  const { width, height, components, isRgb, orientation, end, transformAt } = header;
  const file = bytes.slice(0, end);
  // jpeg-js would obey it; colours are computed below.
  if (transformAt !== null) file[transformAt] = 0;
  const data = await decodeBlocks(file);
  const channels = components.length === 1 ? 1 : 3;
  if (channels === 3) {
    interpolateChroma(data, header, components);
    if (!isRgb) toRgb(data);
  }
  const pixels = channels === 3 ? data : data.filter((_, i) => i % 3 === 0);
  return {
    picture: { channels, ...upright({ width, height, channels, data: pixels }, orientation) },
    notes: orientation === 1 ? [] : [`turned as its EXIF orientation (${orientation}) says`],
    warnings: [],
  };
}

function checkCost(bytes: Uint8Array, { width, height, scans, end }: JpegHeader): void {
  const pixels = width * height;
  if (pixels > PIXEL_LIMIT)
    throw new Error(`JPEG of ${width} x ${height} has over ${PIXEL_LIMIT} pixels: make it smaller, or save it as PNG`);
  // Every block of 8 x 8 takes at least a bit.
  if (end * 8 < pixels / 64) throw new Error(`JPEG of ${width} x ${height} cannot fit in ${bytes.length} bytes`);
  if (scans > SCAN_LIMIT) throw new Error(`JPEG has ${scans} scans, over the limit of ${SCAN_LIMIT}: save it as baseline`);
  if (scans * pixels > SCANNED_PIXELS_LIMIT)
    throw new Error(`JPEG of ${width} x ${height} has ${scans} scans: save it as baseline, or make it smaller`);
}

/** [height, width, 3], the components as they are stored, or grey three times. */
async function decodeBlocks(file: Uint8Array): Promise<Uint8Array> {
  const { decode } = await import("jpeg-js");
  try {
    const { data } = decode(file, {
      colorTransform: false,
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: PIXEL_LIMIT / 1e6,
      maxMemoryUsageInMB: MEMORY_LIMIT_MB,
    });
    return data;
  } catch (error) {
    const isLarge = error instanceof Error && error.message.startsWith("maxMemoryUsageInMB");
    throw new Error(
      isLarge
        ? `JPEG takes over ${MEMORY_LIMIT_MB} MB to decode: make it smaller`
        : "JPEG is damaged: its data cannot be decoded; get the file again",
      { cause: error },
    );
  }
}
