// ReLU in the epilogue of another op, up to a limit or without one: what it means.
import type { Bound } from "../graph/op.ts";

export interface Rectifier {
  /** y is the maximum of the op's own value and 0. A pass sets it once gradients are made. Default false. */
  relu?: boolean;
  /** With `relu`: y is at most that, 6 for ReLU6. Default: no limit. */
  most?: number;
}

/** The value after the rectifier, if there is one. */
export const rectified = (value: number, { relu, most = Infinity }: Rectifier): number =>
  relu ? Math.min(Math.max(value, 0), most) : value;

/** Attributes without those of a rectifier. */
export function withoutRectifier<A extends Rectifier>(attributes: A): Omit<A, keyof Rectifier> {
  const { relu: _relu, most: _most, ...others } = attributes;
  return others;
}

/** A bound that follows from magnitudes, which have no limit. */
export const unlimited =
  (bound: Bound): Bound =>
  (run) => {
    const { most: _, ...attributes } = run.attributes;
    return bound({ ...run, attributes });
  };
