// Values of a network as programs get them: read back in Caffe's order, or where they lie on the device.
import { readBack, type BufferRange } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import type { WebGpuBuffer } from "./device.ts";

/** Values that were read back. */
export interface TensorValues {
  /** Extents: [pictures, channels, height, width] or [pictures, features]; of a filter [outputs, channels, height, width]. */
  readonly shape: readonly number[];
  /** The values, the last axis fastest. */
  readonly data: Float32Array;
}

/** Values where they lie on the device. They are there until the call that its method's description names. */
export interface GpuTensor {
  /** The buffer that holds them, among others. */
  readonly buffer: WebGpuBuffer;
  /** Offset of the first value in the buffer, in bytes. */
  readonly offset: number;
  /** Bytes from the first value to the last. */
  readonly bytes: number;
  /** Extents of the axes. */
  readonly shape: readonly number[];
  /** Distance from one index to the next along each axis, in values of 4 bytes. */
  readonly strides: readonly number[];
  /** Name of each axis: "picture", "channel", "row", "column", "feature"; of parameters "group", "input" and "output". */
  readonly axes: readonly string[];
}

/** Where values lie in a dense array of the engine, in the order in which programs see them. */
export interface Placement {
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly axes: readonly string[];
}

/** An activation [pictures, height, width, channels] seen as [pictures, channels, height, width]; other ranks as they are. */
export function placementOf(shape: Shape): Placement {
  if (shape.length !== 4) return denselyPlaced(shape, shape.length === 2 ? ["picture", "feature"] : shape.map(() => "value"));
  const [pictures, height, width, channels] = shape;
  return {
    shape: [pictures, channels, height, width],
    strides: [height * width * channels, 1, width * channels, channels],
    axes: ["picture", "channel", "row", "column"],
  };
}

/** Axes of a dense array, the last one fastest. */
export const denselyPlaced = (shape: Shape, axes: readonly string[]): Placement => ({
  shape,
  strides: shape.map((_, axis) => sizeOf(shape.slice(axis + 1))),
  axes,
});

/** Values of a dense array of the engine in the order of a placement. */
export function ordered<T extends Float32Array | Float64Array>(data: T, { shape, strides }: Placement): T {
  const result = data.slice() as T;
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to++) {
    result[to] = data[from];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return result;
}

/** A placement in memory of the device. */
export const onDevice = ({ buffer, offset }: BufferRange, { shape, strides, axes }: Placement): GpuTensor => ({
  buffer,
  offset,
  bytes: sizeOf(shape) * 4,
  shape,
  strides,
  axes,
});

/** What lies at a range, in the order of a placement, once everything submitted so far is done. */
export async function readPlaced(engine: Engine, range: BufferRange, placement: Placement): Promise<TensorValues> {
  return { shape: placement.shape, data: ordered(await readBack(engine, range, sizeOf(placement.shape)), placement) };
}
