// Values of a model that is being replayed: constants, and values of the graph together with the place of each of ONNX's axes in memory. Axes move
// without a copy until an op needs them somewhere.
import type { Value } from "../graph/graph.ts";
import type { Shape } from "../tensor/shape.ts";
import type { HostTensor } from "./tensor.ts";

/** A constant, and the initializer's name if it is one. */
export interface Known {
  readonly known: HostTensor;
  readonly initializer: string | null;
}

export interface Live {
  readonly value: Value;
  /** Extents in ONNX's order of axes. */
  readonly shape: Shape;
  /** By axis in memory, the axis of `shape` that it is. */
  readonly order: readonly number[];
  /** [channels, height, width] where `shape` is [images, features] and features lie in memory as height, width, channels. */
  readonly flattened?: Shape;
  /** The value has a fourth channel of padding. */
  readonly padded?: true;
}

export type Item = Known | Live;

export const isKnown = (item: Item): item is Known => "known" in item;

/** Axes as ONNX has them. */
export const natural = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);

/** Channels, all that lies between the images and the last two axes, behind those two: what ops over images expect. */
export const channelsBehind = (rank: number): number[] => [0, rank - 2, rank - 1, ...natural(rank).slice(1, rank - 2)];

export const plainly = (value: Value, shape: Shape): Live => ({ value, shape, order: natural(shape.length) });

/** [images, height, width, channels] as ONNX's [images, channels, height, width]. */
export function asImages(value: Value): Live {
  const [images, height, width, channels] = value.shape;
  return { value, shape: [images, channels, height, width], order: channelsBehind(4) };
}

/** Extents in memory. */
export const stored = (shape: Shape, order: readonly number[]): number[] => order.map((axis) => shape[axis]);

/** Whether two orders lay the same elements down in the same places: axes of extent 1 do not count. */
export function sameInMemory(shape: Shape, a: readonly number[], b: readonly number[]): boolean {
  const [left, right] = [a, b].map((order) => order.filter((axis) => shape[axis] !== 1));
  return left.every((axis, i) => axis === right[i]);
}
