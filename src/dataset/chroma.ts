// The colours of a JPEG as libjpeg computes them: chroma that is stored at half the size is interpolated, then turned into red, green and blue.
// Whole numbers only, with libjpeg's rounding (jdsample.c, jdcolor.c), so that Node and every browser make the same bytes.
import type { JpegComponent } from "./jpeg-header.ts";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Interpolates, in place, the components of `data` [height, width, 3] that are stored at half the width or height, of which each sample was repeated. */
export function interpolateChroma(data: Uint8Array, { width, height }: Size, components: readonly JpegComponent[]): void {
  const most = { h: Math.max(...components.map(({ h }) => h)), v: Math.max(...components.map(({ v }) => v)) };
  components.forEach(({ h, v }, channel) => {
    const [across, down] = [most.h / h, most.v / v];
    const samples = { width: Math.ceil(width / across), height: Math.ceil(height / down) };
    // libjpeg repeats samples of other ratios, and of pictures that are too narrow.
    if (![1, 2].includes(across) || ![1, 2].includes(down) || across * down === 1 || (across === 2 && samples.width <= 2)) return;
    const plane = new Uint8Array(samples.width * samples.height);
    for (let y = 0, to = 0; y < samples.height; y++)
      for (let x = 0; x < samples.width; x++) plane[to++] = data[(y * down * width + x * across) * 3 + channel];
    const row = new Int32Array(samples.width);
    for (let y = 0; y < height; y++) {
      mixRows(plane, samples, { y, down }, row);
      const own = data.subarray(y * width * 3 + channel);
      if (across === 1) for (let x = 0; x < width; x++) own[3 * x] = (row[x] + (y % 2 === 0 ? 1 : 2)) >> 2;
      else mixColumns(row, own, width, down === 1 ? { ones: [1, 2], shift: 2 } : { ones: [8, 7], shift: 4 });
    }
  });
}

/** Row `y` of the interpolated plane, its columns not yet: three parts of the sample row it lies in and one of the nearest other, or the row itself. */
function mixRows(
  plane: Uint8Array,
  { width, height }: Size,
  { y, down }: { readonly y: number; readonly down: number },
  row: Int32Array,
): void {
  if (down === 1) {
    for (let x = 0; x < width; x++) row[x] = plane[y * width + x];
    return;
  }
  const near = y >> 1;
  const far = Math.min(Math.max(near + (y % 2 === 0 ? -1 : 1), 0), height - 1);
  for (let x = 0; x < width; x++) row[x] = 3 * plane[near * width + x] + plane[far * width + x];
}

/** The same along a row, into every third byte; `ones` are what even and odd columns are rounded by. */
function mixColumns(
  row: Int32Array,
  own: Uint8Array,
  width: number,
  { ones, shift }: { readonly ones: readonly [even: number, odd: number]; readonly shift: number },
): void {
  const last = row.length - 1;
  for (let x = 0; x < width; x++) {
    const near = x >> 1;
    const far = Math.min(Math.max(near + (x % 2 === 0 ? -1 : 1), 0), last);
    own[3 * x] = (3 * row[near] + row[far] + ones[x % 2]) >> shift;
  }
}

/** Luma and chroma to red, green and blue, in place (JFIF 1.02; ITU-R BT.601). */
export function toRgb(data: Uint8Array): void {
  for (let at = 0; at < data.length; at += 3) {
    const [luma, blue, red] = [data[at], data[at + 1] - 128, data[at + 2] - 128];
    data[at] = clamp(luma + ((91881 * red + 32768) >> 16));
    data[at + 1] = clamp(luma + ((-22554 * blue - 46802 * red + 32768) >> 16));
    data[at + 2] = clamp(luma + ((116130 * blue + 32768) >> 16));
  }
}

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : value);
