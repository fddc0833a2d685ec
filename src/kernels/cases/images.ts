// Cases of ops that look at neighbouring pixels or channels, and of the input's crop.
import type { ops } from "../../ops/index.ts";
import { bytes, normal, resultOf, ties, whole, words, type Cases, type CaseInput } from "./case.ts";

const alexnetPool = { size: 3, stride: 2, pad: 0 };
const inceptionPool = { size: 3, stride: 1, pad: 1 };
/** Bindings that hold four images of 6 x 6 pixels and 64 channels. */
const FOUR_IMAGES = { maxBindingBytes: 4 * 6 * 6 * 64 * 4 };

export const maxPool: Cases<typeof ops.maxPool> = {
  "control: as in AlexNet pool2": { inputs: { x: normal([2, 27, 27, 32]) }, attributes: alexnetPool },
  "as in an inception block": { inputs: { x: normal([2, 14, 14, 16]) }, attributes: inceptionPool },
  "last window clipped": { inputs: { x: normal([2, 14, 14, 16]) }, attributes: alexnetPool },
  "last window dropped": { inputs: { x: normal([1, 3, 3, 4]) }, attributes: { size: 2, stride: 2, pad: 1 } },
  "all below 0, padded": { inputs: { x: { ...normal([1, 1, 1, 4]), fill: { values: [-1, -2, -3, -4] } } }, attributes: inceptionPool },
  "window of 5": { inputs: { x: normal([2, 13, 14, 8]) }, attributes: { size: 5, stride: 2, pad: 2 } },
  "window of 8": { inputs: { x: normal([1, 13, 14, 8]) }, attributes: { size: 8, stride: 3, pad: 0 } },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 5]) }, attributes: alexnetPool },
  "one channel": { inputs: { x: normal([2, 9, 11, 1]) }, attributes: alexnetPool },
  "image smaller than the window": { inputs: { x: normal([3, 2, 2, 4]) }, attributes: alexnetPool },
  "more than a binding holds": { inputs: { x: normal([5, 6, 6, 64]) }, attributes: alexnetPool, target: FOUR_IMAGES },
};

const pooled = (x: CaseInput, y: readonly number[]) => ({ x, y: resultOf("maxPool", y), dy: normal(y) });

export const maxPoolBackward: Cases<typeof ops.maxPoolBackward> = {
  "control: as in AlexNet pool2": { inputs: pooled(normal([2, 27, 27, 32]), [2, 13, 13, 32]), attributes: alexnetPool },
  "as in an inception block": { inputs: pooled(normal([2, 14, 14, 16]), [2, 14, 14, 16]), attributes: inceptionPool },
  "many equal maxima": { inputs: pooled(ties([2, 13, 13, 8]), [2, 6, 6, 8]), attributes: alexnetPool },
  "many equal maxima, overlapping": { inputs: pooled(ties([2, 9, 9, 8]), [2, 9, 9, 8]), attributes: inceptionPool },
  "last window clipped": { inputs: pooled(ties([2, 14, 14, 16]), [2, 7, 7, 16]), attributes: alexnetPool },
  "last window dropped": { inputs: pooled(normal([1, 3, 3, 4]), [1, 2, 2, 4]), attributes: { size: 2, stride: 2, pad: 1 } },
  "windows apart": { inputs: pooled(normal([1, 8, 8, 4]), [1, 3, 3, 4]), attributes: { size: 2, stride: 3, pad: 0 } },
  "channels not a multiple of 4": { inputs: pooled(ties([2, 9, 11, 5]), [2, 4, 5, 5]), attributes: alexnetPool },
  "window of 5": { inputs: pooled(ties([2, 13, 14, 8], 9), [2, 7, 8, 8]), attributes: { size: 5, stride: 2, pad: 2 } },
  gated: { inputs: { ...pooled(normal([2, 14, 14, 16]), [2, 14, 14, 16]), gate: normal([2, 14, 14, 16]) }, attributes: inceptionPool },
  "added to a sum": {
    inputs: { ...pooled(normal([2, 13, 13, 8]), [2, 6, 6, 8]), addend: normal([2, 13, 13, 8]) },
    attributes: alexnetPool,
  },
  "gated, added to a sum, channels not a multiple of 4": {
    inputs: { ...pooled(ties([2, 9, 11, 5]), [2, 4, 5, 5]), gate: ties([2, 9, 11, 5]), addend: normal([2, 9, 11, 5]) },
    attributes: alexnetPool,
  },
  "window of 8": { inputs: pooled(normal([1, 13, 14, 8]), [1, 3, 3, 8]), attributes: { size: 8, stride: 3, pad: 0 } },
  "more than a binding holds": {
    inputs: { ...pooled(normal([5, 6, 6, 64]), [5, 3, 3, 64]), gate: normal([5, 6, 6, 64]), addend: normal([5, 6, 6, 64]) },
    attributes: alexnetPool,
    target: FOUR_IMAGES,
  },
};

/** As many channels as winners' bytes can be packed of. */
export const maxPoolWinners: Cases<typeof ops.maxPoolWinners> = {
  ...Object.fromEntries(Object.entries(maxPool).filter(([, { inputs }]) => inputs.x.shape[3] % 4 === 0)),
  "many equal maxima": { inputs: { x: ties([2, 13, 13, 8]) }, attributes: alexnetPool },
  "many equal maxima, overlapping, a run left over": { inputs: { x: ties([2, 9, 9, 8]) }, attributes: inceptionPool },
  "positive maxima alone": { inputs: { x: normal([2, 9, 9, 8]) }, attributes: { size: 2, stride: 1, pad: 0, positive: true } },
  "far apart": { inputs: { x: normal([1, 12, 12, 8]) }, attributes: { size: 2, stride: 5, pad: 0 } },
};

/** Taps of windows that reach beyond the image are among the winners too, and lead nowhere. */
const won = (dy: readonly number[], size: number) => ({ winners: bytes([...dy.slice(0, 3), dy[3] / 4], size ** 2), dy: normal(dy) });

export const maxPoolBackwardWinners: Cases<typeof ops.maxPoolBackwardWinners> = {
  "control: as in AlexNet pool2": { inputs: won([2, 13, 13, 32], 3), attributes: { ...alexnetPool, height: 27, width: 27 } },
  "as in an inception block": { inputs: won([2, 14, 14, 16], 3), attributes: { ...inceptionPool, height: 14, width: 14 } },
  "last window clipped": { inputs: won([2, 7, 7, 16], 3), attributes: { ...alexnetPool, height: 14, width: 14 } },
  "last window dropped": { inputs: won([1, 2, 2, 4], 2), attributes: { size: 2, stride: 2, pad: 1, height: 3, width: 3 } },
  "windows apart": { inputs: won([1, 3, 3, 4], 2), attributes: { size: 2, stride: 3, pad: 0, height: 8, width: 8 } },
  "far apart": { inputs: won([1, 3, 3, 4], 2), attributes: { size: 2, stride: 5, pad: 0, height: 12, width: 12 } },
  "window of 5": { inputs: won([2, 7, 8, 8], 5), attributes: { size: 5, stride: 2, pad: 2, height: 13, width: 14 } },
  "window of 8": { inputs: won([1, 3, 3, 8], 8), attributes: { size: 8, stride: 3, pad: 0, height: 13, width: 14 } },
  gated: {
    inputs: { ...won([2, 9, 11, 8], 3), gate: normal([2, 9, 11, 8]) },
    attributes: { ...inceptionPool, height: 9, width: 11 },
  },
  "added to a sum": {
    inputs: { ...won([2, 9, 11, 8], 3), addend: normal([2, 9, 11, 8]) },
    attributes: { ...inceptionPool, height: 9, width: 11 },
  },
  "gated, added to a sum, more than a binding holds": {
    inputs: { ...won([5, 3, 3, 64], 3), gate: normal([5, 6, 6, 64]), addend: normal([5, 6, 6, 64]) },
    attributes: { ...alexnetPool, height: 6, width: 6 },
    target: FOUR_IMAGES,
  },
};

export const averagePool: Cases<typeof ops.averagePool> = {
  "control: as in an auxiliary head": { inputs: { x: normal([2, 14, 14, 32]) }, attributes: { size: 5, stride: 3, pad: 0 } },
  "of everything": { inputs: { x: normal([3, 7, 7, 64]) }, attributes: { size: 7, stride: 1, pad: 0 } },
  "padded and clipped": { inputs: { x: normal([2, 6, 5, 4]) }, attributes: { size: 3, stride: 2, pad: 1 } },
  "channels not a multiple of 4": { inputs: { x: normal([2, 9, 11, 5]) }, attributes: { size: 5, stride: 3, pad: 0 } },
  "more than a binding holds": { inputs: { x: normal([5, 6, 6, 64]) }, attributes: alexnetPool, target: FOUR_IMAGES },
};

export const averagePoolBackward: Cases<typeof ops.averagePoolBackward> = {
  "control: as in an auxiliary head": {
    inputs: { dy: normal([2, 4, 4, 32]) },
    attributes: { size: 5, stride: 3, pad: 0, height: 14, width: 14 },
  },
  "of everything": { inputs: { dy: normal([3, 1, 1, 64]) }, attributes: { size: 7, stride: 1, pad: 0, height: 7, width: 7 } },
  "padded and clipped": { inputs: { dy: normal([2, 4, 3, 4]) }, attributes: { size: 3, stride: 2, pad: 1, height: 6, width: 5 } },
  "channels not a multiple of 4": {
    inputs: { dy: normal([2, 3, 3, 5]) },
    attributes: { size: 5, stride: 3, pad: 0, height: 9, width: 11 },
  },
  gated: {
    inputs: { dy: normal([2, 3, 3, 8]), gate: normal([2, 9, 11, 8]) },
    attributes: { size: 5, stride: 3, pad: 0, height: 9, width: 11 },
  },
  "gated, added to a sum, one channel": {
    inputs: { dy: normal([2, 3, 3, 1]), gate: normal([2, 9, 11, 1]), addend: normal([2, 9, 11, 1]) },
    attributes: { size: 5, stride: 3, pad: 0, height: 9, width: 11 },
  },
  "more than a binding holds": {
    inputs: { dy: normal([5, 3, 3, 64]), gate: normal([5, 6, 6, 64]), addend: normal([5, 6, 6, 64]) },
    attributes: { ...alexnetPool, height: 6, width: 6 },
    target: FOUR_IMAGES,
  },
};

const alexnetLrn = { size: 5, alpha: 1e-4, beta: 0.75, k: 1 };

export const lrn: Cases<typeof ops.lrn> = {
  "control: as in AlexNet norm1": { inputs: { x: normal([2, 9, 9, 96], 50) }, attributes: alexnetLrn },
  "fewer channels than the window": { inputs: { x: normal([9, 3]) }, attributes: alexnetLrn },
  "one vector of channels": { inputs: { x: normal([9, 4]) }, attributes: { ...alexnetLrn, alpha: 1 } },
  "one channel": { inputs: { x: normal([9, 1]) }, attributes: alexnetLrn },
  "one pixel": { inputs: { x: normal([1, 96]) }, attributes: alexnetLrn },
  "channels not a multiple of 4": { inputs: { x: normal([50, 97]) }, attributes: alexnetLrn },
  "channels not a multiple of a run": { inputs: { x: normal([50, 20]) }, attributes: { ...alexnetLrn, alpha: 1 } },
  "strong normalisation": { inputs: { x: normal([50, 96]) }, attributes: { ...alexnetLrn, alpha: 1 } },
  "window of 1": { inputs: { x: normal([50, 96]) }, attributes: { ...alexnetLrn, alpha: 1, size: 1 } },
  "window of 3": { inputs: { x: normal([50, 96]) }, attributes: { ...alexnetLrn, alpha: 1, size: 3 } },
  "window of 9": { inputs: { x: normal([50, 96]) }, attributes: { ...alexnetLrn, alpha: 1, size: 9 } },
  "window of 11": { inputs: { x: normal([50, 96]) }, attributes: { ...alexnetLrn, alpha: 1, size: 11 } },
  "other constants": { inputs: { x: normal([50, 96]) }, attributes: { size: 5, alpha: 0.5, beta: 1.25, k: 2 } },
  "more than a binding holds": { inputs: { x: normal([300, 12]) }, attributes: alexnetLrn, target: { maxBindingBytes: 4096 } },
};

export const lrnBackward: Cases<typeof ops.lrnBackward> = {
  ...Object.fromEntries(
    Object.entries(lrn).map(
      ([
        title,
        {
          inputs: { x },
          ...rest
        },
      ]) => [title, { inputs: { x, dy: normal(x.shape) }, ...rest }],
    ),
  ),
  gated: {
    inputs: { x: normal([50, 97], 50), dy: normal([50, 97]), gate: normal([50, 97]) },
    attributes: alexnetLrn,
  },
  "gated, more than a binding holds": {
    inputs: { x: normal([300, 12]), dy: normal([300, 12]), gate: normal([300, 12]) },
    attributes: alexnetLrn,
    target: { maxBindingBytes: 4096 },
  },
};

const normed = { alpha: 1e-4, beta: 0.75, k: 1, lrnSize: 5 };

export const lrnMaxPool: Cases<typeof ops.lrnMaxPool> = {
  "control: as in AlexNet norm2, pool2": { inputs: { x: normal([2, 27, 27, 32], 50) }, attributes: { ...alexnetPool, ...normed } },
  "last window clipped, a run left over": { inputs: { x: normal([2, 12, 14, 20], 50) }, attributes: { ...alexnetPool, ...normed } },
  "overlapping, padded": { inputs: { x: normal([1, 7, 9, 16]) }, attributes: { ...inceptionPool, ...normed, alpha: 1 } },
  "many equal maxima": { inputs: { x: ties([2, 9, 9, 8]) }, attributes: { ...alexnetPool, ...normed, alpha: 1 } },
  "one vector of channels": { inputs: { x: normal([2, 9, 9, 4]) }, attributes: { ...alexnetPool, ...normed, alpha: 1 } },
  "other constants": { inputs: { x: normal([1, 9, 9, 24]) }, attributes: { ...alexnetPool, lrnSize: 3, alpha: 0.5, beta: 1.25, k: 2 } },
  "normalised over 9": { inputs: { x: normal([1, 9, 9, 24]) }, attributes: { ...alexnetPool, ...normed, alpha: 1, lrnSize: 9 } },
  "pooled over 5": { inputs: { x: normal([1, 13, 14, 8]) }, attributes: { ...normed, size: 5, stride: 2, pad: 2 } },
  "more than a binding holds": {
    inputs: { x: normal([5, 6, 6, 64], 50) },
    attributes: { ...alexnetPool, ...normed },
    target: FOUR_IMAGES,
  },
};

const GPU = { cpu: false };

export const lrnMaxPoolBackward: Cases<typeof ops.lrnMaxPoolBackward> = {
  "control: as in AlexNet norm2, pool2": {
    inputs: { x: normal([2, 27, 27, 32], 50), ...won([2, 13, 13, 32], 3) },
    attributes: { ...alexnetPool, ...normed },
  },
  "after a ReLU": {
    inputs: { x: normal([2, 12, 14, 20], 50), ...won([2, 6, 7, 20], 3) },
    attributes: { ...alexnetPool, ...normed, positive: true },
  },
  "overlapping, padded": {
    inputs: { x: normal([1, 7, 9, 16]), ...won([1, 7, 9, 16], 3) },
    attributes: { ...inceptionPool, ...normed, alpha: 1 },
  },
  "pooled over 5": {
    inputs: { x: normal([1, 13, 14, 8]), ...won([1, 7, 8, 8], 5) },
    attributes: { ...normed, size: 5, stride: 2, pad: 2 },
  },
  "more than a binding holds": {
    inputs: { x: normal([5, 6, 6, 64], 50), ...won([5, 3, 3, 64], 3) },
    attributes: { ...alexnetPool, ...normed, positive: true },
    target: FOUR_IMAGES,
  },
  "in one launch": {
    inputs: { x: normal([2, 27, 27, 32], 50), ...won([2, 13, 13, 32], 3) },
    attributes: { ...alexnetPool, ...normed },
    target: GPU,
  },
  "in one launch, after a ReLU, last window clipped, a run left over": {
    inputs: { x: normal([2, 12, 14, 20], 50), ...won([2, 6, 7, 20], 3) },
    attributes: { ...alexnetPool, ...normed, positive: true },
    target: GPU,
  },
  "in one launch, overlapping, padded": {
    inputs: { x: normal([1, 7, 9, 16]), ...won([1, 7, 9, 16], 3) },
    attributes: { ...inceptionPool, ...normed, alpha: 1 },
    target: GPU,
  },
  "in one launch, more than a binding holds": {
    inputs: { x: normal([5, 6, 6, 64], 50), ...won([5, 3, 3, 64], 3) },
    attributes: { ...alexnetPool, ...normed },
    target: { ...FOUR_IMAGES, ...GPU },
  },
};

const photographs = (images: number, height: number, width: number) => whole([images, height, width], 1 << 24);
const meanImage = (height: number, width: number) => ({ ...normal([height, width, 4], 30) });
const meanColour: CaseInput = { shape: [1, 1, 4], dtype: "f32", fill: { values: [104, 117, 123, 0] } };
const placements = (...values: number[]): CaseInput => ({ ...words(...values), shape: [values.length / 4, 4] });

export const cropImages: Cases<typeof ops.cropImages> = {
  "control: a mean image, offsets, one of two mirrored": {
    inputs: { pixels: photographs(2, 32, 32), placement: placements(3, 5, 0, 0, 0, 4, 1, 0), mean: meanImage(32, 32) },
    attributes: { size: 27, scale: 1 },
  },
  "one mean colour": {
    inputs: { pixels: photographs(2, 32, 32), placement: placements(4, 4, 0, 0, 4, 4, 1, 0), mean: meanColour },
    attributes: { size: 24, scale: 1 / 64 },
  },
  "a scale that is not a float32": {
    inputs: { pixels: photographs(2, 32, 32), placement: placements(4, 4, 0, 0, 4, 4, 1, 0), mean: meanColour },
    attributes: { size: 24, scale: 1 / 58 },
  },
  "the whole image": {
    inputs: { pixels: photographs(1, 9, 9), placement: placements(0, 0, 1, 0), mean: meanImage(9, 9) },
    attributes: { size: 9, scale: 1 },
  },
  "not square": {
    inputs: { pixels: photographs(2, 12, 20), placement: placements(1, 9, 0, 0, 1, 2, 1, 0), mean: meanImage(12, 20) },
    attributes: { size: 11, scale: 1 },
  },
  "offsets outside": {
    inputs: { pixels: photographs(2, 12, 12), placement: placements(99, 2, 0, 0, 0xffffffff, 0xfffffffe, 1, 0), mean: meanImage(12, 12) },
    attributes: { size: 8, scale: 1 },
  },
  "more than a binding holds": {
    inputs: {
      pixels: photographs(4, 16, 16),
      placement: placements(0, 0, 0, 0, 1, 2, 1, 0, 2, 1, 0, 0, 0, 1, 1, 0),
      mean: meanColour,
    },
    attributes: { size: 8, scale: 1 },
    target: { maxBindingBytes: 2048 },
  },
};
