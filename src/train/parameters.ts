// Converts parameters between a session's layout (the engine's) and Caffe's, which files and the public API have.
import type { States } from "../engine/buffers.ts";
import type { Parameter } from "../models/network.ts";
import type { Shape } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { filterFromEngine, filterToEngine, innerProductFromEngine, innerProductToEngine, type Flattened } from "../weights/layout.ts";

/** Name to shape in Caffe's order: the required content of a file of weights. */
export const expectedShapes = (parameters: readonly Parameter[]): Map<string, Shape> =>
  new Map(parameters.map(({ name, caffeShape }) => [name, caffeShape]));

/** Writes a value in Caffe's order to a state that is shaped like the parameter: the parameter itself, or its momentum. */
export function writeParameter(states: States, { name, order, value }: Parameter, caffe: Tensor, state = name): void {
  if (order.kind === "filter") states.write(state, filterToEngine(caffe, order.groups, value.shape[3]).data);
  else if (order.kind === "innerProduct")
    states.write(state, innerProductToEngine(caffe, (order.flattened ?? undefined) as Flattened | undefined).data);
  else states.write(state, caffe.data);
}

/** The inverse of `writeParameter`: what a state that is shaped like the parameter holds, in Caffe's order. */
export function parameterOf(values: Float32Array, { order, value, caffeShape }: Parameter): Tensor {
  const inner = tensor(value.shape, values);
  if (order.kind === "filter") return filterFromEngine(inner, order.channels / order.groups);
  if (order.kind === "innerProduct") return innerProductFromEngine(inner, (order.flattened ?? undefined) as Flattened | undefined);
  return tensor(caffeShape, inner.data);
}
