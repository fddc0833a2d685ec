// A tensor on the host: a shape and its float32 values, fastest axis last. Files and the public API speak Caffe's order.
import { formatShape, sizeOf, type Shape } from "./shape.ts";

export interface Tensor {
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** Pairs values with their shape; throws if they do not fit. */
export function tensor(shape: Shape, data: Float32Array): Tensor {
  if (data.length !== sizeOf(shape)) throw new Error(`tensor: ${formatShape(shape)} needs ${sizeOf(shape)} values, got ${data.length}`);
  return { shape, data };
}

/** Moves axes: axis i of the result is axis order[i] of the input. */
export function permute({ shape, data }: Tensor, order: readonly number[]): Tensor {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const target = order.map((axis) => shape[axis]);
  const step = order.map((axis) => strides[axis]);
  const result = new Float32Array(data.length);
  const index = target.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from]!;
    for (let axis = target.length - 1; axis >= 0; axis--) {
      from += step[axis];
      if (++index[axis] < target[axis]) break;
      from -= step[axis] * target[axis];
      index[axis] = 0;
    }
  }
  return { shape: target, data: result };
}
