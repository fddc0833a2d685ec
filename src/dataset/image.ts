// Images of any range, 8-bit pictures, and the way from one to the other. The resize is bilinear, in plain arithmetic: the browsers' own decoders and
// scalers differ, and a test set must have the same pixels everywhere. Arrays are [height, width, channels]. Files are decoded in picture.ts.
// Where a picture shrinks, it is averaged first, as Pillow does; a slice in Hounsfield units is sampled as it is.
import { applyWindow, type HuWindow } from "../dicom/window.ts";

/** A picture of 8 bits per channel: grey, or red, green and blue. */
export interface Picture {
  /** Width in pixels. */
  readonly width: number;
  /** Height in pixels. */
  readonly height: number;
  /** 1: grey. 3: red, green, blue. */
  readonly channels: 1 | 3;
  /** Values from 0 to 255, [height, width, channels]: row by row from the top, the channels of a pixel side by side. */
  readonly data: Uint8Array;
}

/** A picture as its file has it, and what a person should know of it. */
export interface DecodedPicture {
  readonly picture: Picture;
  /** What was done to it beside decoding. */
  readonly notes: readonly string[];
  /** What is hardly meant so. */
  readonly warnings: readonly string[];
  /** The values in the file, of a grey PNG of 16 bits [height, width]. */
  readonly stored?: Uint16Array;
}

/** Values of any range: a slice in Hounsfield units, grey values, red, green and blue, a heat map. */
export interface Image {
  /** Hounsfield units are shown through a window; values without a unit are grey or colour from 0 to 255. */
  readonly unit?: "HU";
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** [height, width, channels] */
  readonly data: Uint8Array | Float32Array;
}

/** For each output index the two neighbours it mixes, and the second one's part. */
interface Taps {
  readonly near: Uint32Array;
  readonly far: Uint32Array;
  readonly part: Float64Array;
}

/** Pixel centres lie at half integers, so both pictures cover the same square; beyond the outermost centres the edge continues. */
function tapsOf(from: number, to: number): Taps {
  const taps = { near: new Uint32Array(to), far: new Uint32Array(to), part: new Float64Array(to) };
  for (let i = 0; i < to; i++) {
    const at = Math.min(Math.max(((i + 0.5) * from) / to - 0.5, 0), from - 1);
    taps.near[i] = Math.floor(at);
    taps.far[i] = Math.min(taps.near[i] + 1, from - 1);
    taps.part[i] = at - taps.near[i];
  }
  return taps;
}

/** For each output index the first index that it averages, and the weights from there on; they add up to 1. */
interface Average {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Triangles as wide as two steps, cut off at the edges. */
function averagesOf(from: number, to: number): Average[] {
  const step = from / to;
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * step;
    const first = Math.max(0, Math.floor(centre - step + 0.5));
    const end = Math.min(from, Math.floor(centre + step + 0.5));
    const weights = Float64Array.from({ length: end - first }, (__, k) => Math.max(0, 1 - Math.abs(first + k + 0.5 - centre) / step));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

/**
 * A picture with its sides shrunk to `size` where they are longer, so that every pixel counts: bilinear, antialiased (Pillow's BILINEAR). A slice in
 * Hounsfield units stays as it is.
 */
export function shrink(image: Image, size: number): Image {
  const { unit, width, height, channels, data } = image;
  if (unit === "HU" || (width <= size && height <= size)) return image;
  const [columns, rows] = [Math.min(width, size), Math.min(height, size)];
  const narrow = new Float32Array(height * columns * channels);
  const across = averagesOf(width, columns);
  for (let y = 0, to = 0; y < height; y++)
    for (const { first, weights } of across)
      for (let channel = 0; channel < channels; channel++, to++) {
        let sum = 0;
        for (let k = 0, at = (y * width + first) * channels + channel; k < weights.length; k++, at += channels)
          sum += weights[k] * data[at];
        narrow[to] = sum;
      }
  const line = columns * channels;
  const small = new Float32Array(rows * line);
  for (const [y, { first, weights }] of averagesOf(height, rows).entries())
    for (let x = 0; x < line; x++) {
      let sum = 0;
      for (let k = 0, at = first * line + x; k < weights.length; k++, at += line) sum += weights[k] * narrow[at];
      small[y * line + x] = sum;
    }
  return { width: columns, height: rows, channels, data: small };
}

/**
 * Squashes a picture to [size, size, channels], as DIGITS does: each axis by its own factor, bilinear between the four nearest centres of what `shrink`
 * leaves. A slice in Hounsfield units is not antialiased: at half the size each value is the mean of its four, at less than that some pixels are never seen.
 */
export function squash(image: Image, size: number): Float32Array {
  const { width, height, channels, data } = shrink(image, size);
  const across = tapsOf(width, size);
  const down = tapsOf(height, size);
  const result = new Float32Array(size * size * channels);
  for (let y = 0, to = 0; y < size; y++) {
    const above = down.near[y] * width;
    const below = down.far[y] * width;
    const low = down.part[y];
    for (let x = 0; x < size; x++) {
      const left = across.near[x];
      const right = across.far[x];
      const aside = across.part[x];
      for (let channel = 0; channel < channels; channel++, to++) {
        const topLeft = data[(above + left) * channels + channel];
        const topRight = data[(above + right) * channels + channel];
        const bottomLeft = data[(below + left) * channels + channel];
        const bottomRight = data[(below + right) * channels + channel];
        const top = topLeft + aside * (topRight - topLeft);
        const bottom = bottomLeft + aside * (bottomRight - bottomLeft);
        result[to] = top + low * (bottom - top);
      }
    }
  }
  return result;
}

/** Squashed to [size, size, channels] while it still has its full range, and 8-bit after that: one interpolation, before anything is clipped. */
export function pictureOf(raw: Image, size: number, window: HuWindow): Picture {
  const fits = raw.width === size && raw.height === size;
  return inBytes(fits ? raw : { ...raw, width: size, height: size, data: squash(raw, size) }, window);
}

/** Hounsfield units through the window; what is grey already is rounded and cut to 0..255. */
export function inBytes({ unit, width, height, channels, data }: Image, window: HuWindow): Picture {
  if (data instanceof Uint8Array) return { width, height, channels, data };
  return { width, height, channels, data: unit === "HU" ? applyWindow(data, window) : rounded(data) };
}

function rounded(data: Float32Array): Uint8Array {
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.round(Math.min(Math.max(data[i], 0), 255));
  return bytes;
}
