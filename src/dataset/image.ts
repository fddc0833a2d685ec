// A decoded picture and its bilinear resize, in plain arithmetic: the browser's own decoders and scalers differ from one to the next,
// and a test set must have the same pixels everywhere. Arrays are [height, width, channels].

/** 8-bit grey (1 channel) or red, green, blue (3). */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  /** [height, width, channels] */
  readonly data: Uint8Array;
}

/** Values of any range, for example Hounsfield units. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
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

/**
 * Squashes a picture to [size, size, channels], as DIGITS does: each axis by its own factor, bilinear between the four nearest centres.
 * Not antialiased: at half the size each value is the mean of its four, at less than that some pixels are never seen.
 */
export function squash({ width, height, channels, data }: Raster, size: number): Float32Array {
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

/** The picture squashed and rounded to bytes again. */
export function squashPicture(picture: Picture, size: number): Picture {
  if (picture.width === size && picture.height === size) return picture;
  return { width: size, height: size, channels: picture.channels, data: Uint8Array.from(squash(picture, size), Math.round) };
}
