// Local response normalisation followed by maximum pooling, keeping neither the normalised image nor its scale: what it means.
// x, dx: [images, height, width, channels]; y, dy: [images, oh, ow, channels]; winners: u32 [images, oh, ow, channels / 4], as maxPoolWinners'.
import { op, type Array64, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { magnitudeOf } from "./bounds.ts";
import { lrn, lrnBackward, lrnBackwardErrors, lrnErrors, type LrnAttributes } from "./lrn.ts";
import { maxPool } from "./max-pool.ts";
import { maxPoolWinners, toWinners, winnersOf, winnersType } from "./max-pool-winners.ts";
import { forEachWindow, pooledType, windowsOfAPixel, type PoolAttributes } from "./pool-window.ts";

/** Size, stride and padding are the pool's. */
export interface LrnMaxPoolAttributes extends PoolAttributes, Omit<LrnAttributes, "size"> {
  /** Channels in the window of the normalisation. */
  lrnSize: number;
}

export interface LrnMaxPoolBackwardAttributes extends LrnMaxPoolAttributes {
  /** x comes from a ReLU: dx is 0 where x is not above 0. */
  positive?: boolean;
}

/** The normalisation's own attributes. */
export const lrnOf = ({ lrnSize, alpha, beta, k }: LrnMaxPoolAttributes): LrnAttributes => ({ size: lrnSize, alpha, beta, k });

/** y and winners as maxPoolWinners of lrn(x). */
export const lrnMaxPool = op<{ x: Port }, { y: Port; winners: Port }, LrnMaxPoolAttributes>({
  name: "lrnMaxPool",
  infer({ x }, attributes, label) {
    lrn.infer({ x }, lrnOf(attributes), label);
    return maxPoolWinners.infer({ x }, attributes, label);
  },
  reference({ x }, attributes, { y }) {
    const normed = lrn.reference({ x }, lrnOf(attributes), { y: { shape: x.shape, dtype: "f32" } }).y;
    return winnersOf({ shape: x.shape, data: normed }, y, attributes);
  },
  bound: ({ inputs: { x }, attributes, outputs }) => {
    const normed = { shape: x.shape, data: lrn.reference({ x }, lrnOf(attributes), { y: outputs["y"] }).y };
    const errors = { shape: x.shape, data: lrnErrors(x, lrnOf(attributes), normed.data) };
    const { y } = maxPool.reference({ x: errors }, attributes, { y: outputs["y"] });
    return { y, winners: closeCalls(normed, errors, attributes, outputs["y"].shape) };
  },
});

/** The gradient of lrn where each dy went to its window's winner. Scale is recomputed. */
export const lrnMaxPoolBackward = op<{ x: Port; winners: Port; dy: Port }, { dx: Port }, LrnMaxPoolBackwardAttributes>({
  name: "lrnMaxPoolBackward",
  infer({ x, winners, dy }, attributes, label) {
    const y = pooledType("lrnMaxPoolBackward", label, x, attributes);
    for (const [port, type, wanted] of [
      ["dy", dy, y],
      ["winners", winners, winnersType("lrnMaxPoolBackward", label, y, attributes)],
    ] as const) {
      if (type.dtype !== wanted.dtype || !sameShape(type.shape, wanted.shape)) {
        throw new Error(
          `lrnMaxPoolBackward "${label}": ${port} must be ${wanted.dtype}${formatShape(wanted.shape)}, got ${type.dtype}${formatShape(type.shape)}`,
        );
      }
    }
    return { dx: x };
  },
  reference({ x, winners, dy }, attributes, outputs) {
    const slopes = { shape: x.shape, data: toWinners(dy, winners, outputs.dx, attributes) };
    return lrnBackward.reference({ x, dy: slopes, ...(attributes.positive && { gate: x }) }, lrnOf(attributes), outputs);
  },
  bound: ({ inputs: { x, winners, dy }, attributes, outputs: { dx } }) => {
    const slopes = { shape: x.shape, data: toWinners(magnitudeOf(dy), winners, dx, attributes) };
    return { dx: lrnBackwardErrors(x, slopes, lrnOf(attributes), windowsOfAPixel(attributes) - 1) };
  },
});

/**
 * By word of winners: anything may be there where another pixel of a window comes as near to its maximum as both err, nothing else may elsewhere.
 * Pixels that equal the maximum do so in float32 as well, for they are 0 or made of equal neighbours.
 */
function closeCalls(x: Array64, errors: Array64, attributes: PoolAttributes, pooled: Shape): Float64Array {
  const allowed = new Float64Array(sizeOf(pooled) / 4);
  forEachWindow(x.shape, pooled, attributes, (pixels, _area, at) => {
    for (let c = 0; c < x.shape[3]; c++) {
      const best = Math.max(...pixels.map((pixel) => x.data[pixel + c]));
      const error = Math.max(...pixels.map((pixel) => errors.data[pixel + c]));
      const close = (value: number): boolean => value !== best && value > best - 2 * error;
      if (pixels.some((pixel) => close(x.data[pixel + c]))) allowed[Math.floor((at + c) / 4)] = 2 ** 32;
    }
  });
  return allowed;
}
