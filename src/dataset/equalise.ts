// Contrast-limited adaptive histogram equalisation of an 8-bit picture: each pixel's grey level is spread by the histogram around it, no level by
// more than a limit. Zuiderveld 1994, "Contrast limited adaptive histogram equalization", Graphics Gems IV, with the defaults of ImageJ's plugin
// CLAHE: 256 bins, slope 3, blocks of half the picture (127 of 256 pixels). Sums and products alone: the same bytes everywhere.
import type { Picture } from "./image.ts";

const BINS = 256;
const SLOPE = 3;
/** Blocks along a side, edge to edge; between their middles their curves are mixed. */
const BLOCKS = 5;
/** Half a block, as a share of the side. */
const REACH = 63 / 256;

/** The picture with its contrast spread. A colour picture keeps its hues: all three channels are scaled as its luminance is. */
export function equalise({ width, height, channels, data }: Picture): Picture {
  const grey = channels === 1 ? data : luminance(data);
  const curves = new Float64Array(BLOCKS * BLOCKS * BINS);
  for (let block = 0; block < BLOCKS * BLOCKS; block++) {
    const rows = blockAt(Math.floor(block / BLOCKS), height);
    const columns = blockAt(block % BLOCKS, width);
    fillCurve(curves.subarray(block * BINS, (block + 1) * BINS), grey, { width, rows, columns });
  }
  const result = new Uint8Array(data.length);
  for (let row = 0, at = 0; row < height; row++) {
    const down = ((row + 0.5) / height) * (BLOCKS - 1);
    const above = Math.min(Math.floor(down), BLOCKS - 2);
    for (let column = 0; column < width; column++, at++) {
      const across = ((column + 0.5) / width) * (BLOCKS - 1);
      const left = Math.min(Math.floor(across), BLOCKS - 2);
      const level = grey[at];
      const topLeft = (above * BLOCKS + left) * BINS + level;
      const bottomLeft = topLeft + BLOCKS * BINS;
      const top = curves[topLeft] + (across - left) * (curves[topLeft + BINS] - curves[topLeft]);
      const bottom = curves[bottomLeft] + (across - left) * (curves[bottomLeft + BINS] - curves[bottomLeft]);
      const spread = top + (down - above) * (bottom - top);
      if (channels === 1) result[at] = Math.round(spread);
      else
        for (let c = 3 * at; c < 3 * at + 3; c++) result[c] = level === 0 ? data[c] : Math.min(255, Math.round((data[c] * spread) / level));
    }
  }
  return { width, height, channels, data: result };
}

/** ITU-R BT.601, in whole numbers. [height, width] */
const luminance = (rgb: Uint8Array): Uint8Array =>
  Uint8Array.from({ length: rgb.length / 3 }, (_, i) => (299 * rgb[3 * i] + 587 * rgb[3 * i + 1] + 114 * rgb[3 * i + 2] + 500) / 1000);

/** Rows or columns of the block around its middle, cut at the picture's edges. */
function blockAt(number: number, side: number): readonly [from: number, to: number] {
  const middle = Math.round((number * side) / (BLOCKS - 1));
  const half = Math.max(1, Math.round(REACH * side));
  return [Math.max(0, middle - half), Math.min(side, middle + half)];
}

interface Block {
  readonly width: number;
  readonly rows: readonly [number, number];
  readonly columns: readonly [number, number];
}

/** New level by old level [256]: the block's histogram, cut where the curve would be too steep, summed up and scaled from 0 to 255. */
function fillCurve(curve: Float64Array, grey: Uint8Array, { width, rows, columns }: Block): void {
  for (let row = rows[0]; row < rows[1]; row++) {
    for (let at = row * width + columns[0]; at < row * width + columns[1]; at++) curve[grey[at]]++;
  }
  const count = (rows[1] - rows[0]) * (columns[1] - columns[0]);
  const limit = (SLOPE * count) / BINS;
  const cut = curve.reduce((sum, levels) => sum + Math.max(0, levels - limit), 0);
  // What is cut is shared out over all levels, so that none is empty and the curve rises everywhere.
  let sum = 0;
  for (let level = 0; level < BINS; level++) curve[level] = sum += Math.min(curve[level], limit) + cut / BINS;
  const least = curve[0];
  for (let level = 0; level < BINS; level++) curve[level] = (255 * (curve[level] - least)) / (sum - least);
}
