// ReLU in the epilogue of another op, up to a limit or without one: what it means.

export interface Rectifier {
  /** y is the maximum of the op's own value and 0. A pass sets it once gradients are made. Default false. */
  relu?: boolean;
  /** With `relu`: y is at most that, 6 for ReLU6. Default: no limit. */
  most?: number;
}

/** The value after the rectifier, if there is one. */
export const rectified = (value: number, { relu, most = Infinity }: Rectifier): number =>
  relu ? Math.min(Math.max(value, 0), most) : value;
