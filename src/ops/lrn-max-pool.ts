// Local response normalisation followed by maximum pooling, keeping neither the normalised image nor its scale: what it means.
// x, dx: [images, height, width, channels]; y, dy: [images, oh, ow, channels]; winners: u32 [images, oh, ow, channels / 4], as maxPoolWinners'.
import { op, type Port } from "../graph/op.ts";
import { formatShape, sameShape } from "../tensor/shape.ts";
import { lrn, lrnBackward, type LrnAttributes } from "./lrn.ts";
import { maxPoolWinners, toWinners, winnersOf, winnersType } from "./max-pool-winners.ts";
import { pooledType, type PoolAttributes } from "./pool-window.ts";

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
});
