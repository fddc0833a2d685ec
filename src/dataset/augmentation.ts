// The forty-eight images that a training image becomes: the list, and how each is made. The paper (arXiv 1710.03823) states the number alone;
// the list is ours: rotations as heads lie in a scanner, a mirror, a closer look, and what scanners and post-processing do to contrast, sharpness and noise.
// Nothing is drawn at random but the noise, which is a function of case and image; and only + - x / and whole numbers are used, so that
// Node and every browser make the same bytes. Arrays are [height, width, channels].
import { AIR_HU, type HuWindow } from "../dicom/window.ts";
import { philox } from "../tensor/philox.ts";
import { equalise } from "./equalise.ts";
import { inBytes, shrink, squash, type Image, type Picture } from "./image.ts";

/** Clockwise as seen, with the cosine and sine written out: Math.cos may differ in its last bit from one machine to the next. */
const ROTATIONS = [
  { degrees: 0, cosine: 1, sine: 0 },
  { degrees: 12, cosine: 0.9781476007338057, sine: 0.20791169081775934 },
  { degrees: -12, cosine: 0.9781476007338057, sine: -0.20791169081775934 },
] as const;
const MIRRORED = [false, true] as const;
const SCALES = [1, 1.1] as const;
const INTENSITIES = ["plain", "CLAHE", "blur", "noise"] as const;

export interface Variant {
  readonly rotation: (typeof ROTATIONS)[number];
  readonly mirrored: boolean;
  /** Above 1 the head is larger. */
  readonly scale: number;
  readonly intensity: (typeof INTENSITIES)[number];
}

/** The list: 3 rotations x 2 x 2 scales x 4 intensities, the last changing fastest. Variant 0 is the image as it is. */
export const VARIANTS: readonly Variant[] = ROTATIONS.flatMap((rotation) =>
  MIRRORED.flatMap((mirrored) => SCALES.flatMap((scale) => INTENSITIES.map((intensity) => ({ rotation, mirrored, scale, intensity })))),
);

/** Standard deviation of the added noise in Hounsfield units: a little more than what a head's slices carry (3). */
const NOISE_HU = 4;

/** A Gaussian of 0.7 pixels at 0, 1 and 2 pixels from its centre, its sum over five being 1. */
const BLUR = [0.5699124916858853, 0.20542369732245142, 0.009620056834605937] as const;

/** "12 degrees, mirrored, x 1.1, CLAHE" */
export const variantName = ({ rotation, mirrored, scale, intensity }: Variant): string =>
  [`${rotation.degrees} degrees`, ...(mirrored ? ["mirrored"] : []), `x ${scale}`, intensity].join(", ");

/** From an offset to the middle of the variant to that of its image, both in pixels of the image: [xx, xy, yx, yy]. */
function inverseMap({ rotation: { cosine, sine }, mirrored, scale }: Variant): [number, number, number, number] {
  const across = mirrored ? -1 : 1;
  return [(across * cosine) / scale, sine / scale, (-across * sine) / scale, cosine / scale];
}

/** Whether left and right change places: exactly where the map's determinant is negative. A rotation never does it. */
export function swapsSides(variant: Variant): boolean {
  const [xx, xy, yx, yy] = inverseMap(variant);
  return xx * yy - xy * yx < 0;
}

export interface AugmentOptions {
  /** Side of the pictures that come out. */
  readonly size: number;
  readonly window: HuWindow;
  /** Key of the noise: other images, other noise. */
  readonly key: readonly [number, number];
}

/** Variant `k` of an image, from 0: turned, scaled and resized in one interpolation, changed in Hounsfield units, then windowed. */
export function augment(raw: Image, k: number, { size, window, key }: AugmentOptions): Picture {
  const variant = VARIANTS[k];
  const placed = place(raw, variant, size);
  const { intensity } = variant;
  if (intensity === "blur") blur(placed);
  if (intensity === "noise") {
    // What is 8-bit already was windowed by somebody: the noise is what this window would make of it.
    const deviation = raw.unit === "HU" ? NOISE_HU : (NOISE_HU * 255) / Math.max(1, window.widthHu - 1);
    addNoise(placed, deviation, { key, variant: k });
  }
  const picture = inBytes({ ...raw, width: size, height: size, data: placed.data }, window);
  return intensity === "CLAHE" ? equalise(picture) : picture;
}

/** Turned, mirrored, scaled and resized to [size, size, channels]; what lies outside the image is air. */
function place(raw: Image, variant: Variant, size: number): Image & { readonly data: Float32Array } {
  const { width, height, channels, unit } = raw;
  if (variant.rotation.degrees === 0 && variant.scale === 1 && !variant.mirrored) {
    return { width: size, height: size, channels, data: squash(raw, size) };
  }
  const small = shrink(raw, size);
  const { data } = small;
  const [xx, xy, yx, yy] = inverseMap(variant);
  const result = new Float32Array(size * size * channels).fill(unit === "HU" ? AIR_HU : 0);
  for (let row = 0, to = 0; row < size; row++) {
    // Offsets are whole multiples of half a pixel, so that a mirror is exact.
    const dy = ((2 * row + 1 - size) * height) / (2 * size);
    for (let column = 0; column < size; column++, to += channels) {
      const dx = ((2 * column + 1 - size) * width) / (2 * size);
      const x = xx * dx + xy * dy + (width - 1) / 2;
      const y = yx * dx + yy * dy + (height - 1) / 2;
      if (x < -0.5 || y < -0.5 || x > width - 0.5 || y > height - 0.5) continue;
      const inX = Math.min(Math.max(along(x, width, small.width), 0), small.width - 1);
      const inY = Math.min(Math.max(along(y, height, small.height), 0), small.height - 1);
      const left = Math.floor(inX);
      const above = Math.floor(inY);
      const aside = inX - left;
      const low = inY - above;
      const topLeft = (above * small.width + left) * channels;
      const right = left + 1 < small.width ? channels : 0;
      const below = above + 1 < small.height ? small.width * channels : 0;
      for (let channel = 0; channel < channels; channel++) {
        const at = topLeft + channel;
        const top = data[at] + aside * (data[at + right] - data[at]);
        const bottom = data[at + below] + aside * (data[at + below + right] - data[at + below]);
        result[to + channel] = top + low * (bottom - top);
      }
    }
  }
  return { width: size, height: size, channels, data: result };
}

/** A place along an axis of `from` pixels on the same axis of `to` pixels. */
const along = (at: number, from: number, to: number): number => (from === to ? at : ((at + 0.5) * to) / from - 0.5);

/** Rows, then columns; the edge continues. In place. */
function blur({ width, height, channels, data }: Image): void {
  blurLines(data, { lines: height, lineStep: width * channels, length: width, step: channels, channels });
  blurLines(data, { lines: width, lineStep: channels, length: height, step: width * channels, channels });
}

interface Lines {
  readonly lines: number;
  /** From a line to the next, and from a pixel of it to the next, in values. */
  readonly lineStep: number;
  readonly length: number;
  readonly step: number;
  readonly channels: number;
}

function blurLines(data: Image["data"], { lines, lineStep, length, step, channels }: Lines): void {
  const line = new Float64Array(length + 4);
  for (let at = 0; at < lines * channels; at++) {
    const start = Math.floor(at / channels) * lineStep + (at % channels);
    for (let i = -2; i < length + 2; i++) line[i + 2] = data[start + Math.min(Math.max(i, 0), length - 1) * step];
    for (let i = 0; i < length; i++) {
      const sum = BLUR[0] * line[i + 2] + BLUR[1] * (line[i + 1] + line[i + 3]) + BLUR[2] * (line[i] + line[i + 4]);
      data[start + i * step] = sum;
    }
  }
}

// The last word of the Philox counter; batches.ts has 2 and 3.
const NOISE = 4;

/** The same noise in all channels: the sum of a word's four bytes, which is near enough to a Gaussian (Irwin and Hall) and exact everywhere. */
function addNoise(
  { channels, data }: Image,
  deviation: number,
  { key, variant }: { readonly key: readonly [number, number]; readonly variant: number },
): void {
  const pixels = data.length / channels;
  const perByte = deviation / BYTES_DEVIATION;
  for (let block = 0; 4 * block < pixels; block++) {
    const words = philox(key, [block, variant, 0, NOISE]);
    for (let i = 0; i < 4 && 4 * block + i < pixels; i++) {
      const word = words[i];
      const noise = ((word & 255) + ((word >>> 8) & 255) + ((word >>> 16) & 255) + (word >>> 24) - BYTES_MEAN) * perByte;
      for (let channel = 0; channel < channels; channel++) data[(4 * block + i) * channels + channel] += noise;
    }
  }
}

/** Mean and deviation of the sum of four uniform bytes: 4 x 127.5 and the root of 4 (256^2 - 1) / 12. */
const BYTES_MEAN = 510;
const BYTES_DEVIATION = 147.80054127099805;
