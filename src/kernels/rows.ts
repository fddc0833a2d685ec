// Kernels that reduce over the classes of a row: one workgroup per row, with one lane (textbook) or many (workgroup).
import type { TensorType } from "../graph/op.ts";
import { BYTES_PER_ELEMENT } from "../tensor/shape.ts";
import { flat, type Call, type Kernel, type Launch, type Lowering, type Target } from "./kernel.ts";
import { overItems } from "./slices.ts";

/** The bits of a quiet NaN. */
export const NAN_BITS = 0x7fc00000;

const LANES = 64;
/** With fewer classes than this, the lanes of a row have too little to do to be worth their barriers. */
const FEWEST_CLASSES = 128;

/** Both families of an op over the rows of the input `port`; `lower` takes the lanes per row. */
export function byRows<P, Q, A>(port: keyof P, lower: (call: Call<P, Q, A>, lanes: number) => Lowering): Kernel<P, Q, A> {
  return {
    textbook: (call) => lower(call, 1),
    workgroup: (call) => (call.inputs[port].shape[1] < FEWEST_CLASSES ? null : lower(call, LANES)),
  };
}

export interface Rows {
  readonly shader: string;
  /** Variables of [rows, classes], and those of [rows]: both are cut into slices of rows. */
  readonly wide: readonly string[];
  readonly narrow?: readonly string[];
  /** Further fields of Dims. */
  readonly dims?: Readonly<Record<string, number>>;
  /** Operations per element. */
  readonly flops: number;
}

/** Launches over the rows of a [rows, classes] tensor. */
export function overRows({ shader, wide, narrow = [], dims, flops }: Rows, { shape }: TensorType, lanes: number, target: Target): Launch[] {
  const [rows, classes] = shape;
  const perRow: Record<string, number> = Object.fromEntries([...wide.map((name) => [name, classes]), ...narrow.map((name) => [name, 1])]);
  const moved = wide.length * classes + narrow.length;
  return overItems(rows, perRow, target, (_first, rows) => ({
    shader,
    params: { LANES: lanes },
    dims: { rows, classes, ...dims },
    workgroups: flat(rows, 1, target),
    flops: flops * rows * classes,
    bytes: BYTES_PER_ELEMENT * rows * moved,
  }));
}

/** y[0] = scale * the sum of the `count` elements of x. */
export const sum = (x: string, y: string, count: number, scale: number): Launch => ({
  shader: "sum.wgsl",
  params: { LANES },
  bind: { x, y },
  dims: { count, scale },
  workgroups: [1, 1, 1],
  flops: count,
  bytes: BYTES_PER_ELEMENT * count,
});
