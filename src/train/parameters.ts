// Converts parameters between a session's layout (the engine's) and Caffe's, which files and the public API have.
import type { States } from "../engine/buffers.ts";
import type { Parameter } from "../models/network.ts";
import type { Shape } from "../tensor/shape.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { filterFromEngine, filterToEngine, innerProductFromEngine, innerProductToEngine, type Flattened } from "../weights/layout.ts";

/** Name to shape in Caffe's order: the required content of a file of weights. */
export const expectedShapes = (parameters: readonly Parameter[]): Map<string, Shape> =>
  new Map(parameters.map(({ name, caffeShape }) => [name, caffeShape]));

/** A value in Caffe's order as the engine lays it out. */
export function engineValues({ order, value }: Parameter, caffe: Tensor): Tensor["data"] {
  if (order.kind === "filter") return filterToEngine(caffe, order.groups, value.shape[3]).data;
  if (order.kind === "innerProduct") return innerProductToEngine(caffe, (order.flattened ?? undefined) as Flattened | undefined).data;
  return caffe.data;
}

/** Writes a value in Caffe's order to a state that is shaped like the parameter: the parameter itself, or its momentum. */
export function writeParameter(states: States, parameter: Parameter, caffe: Tensor, state = parameter.name): void {
  states.write(state, engineValues(parameter, caffe));
}

/** The inverse of `writeParameter`: what a state that is shaped like the parameter holds, in Caffe's order. */
export function parameterOf(values: Float32Array, { order, value, caffeShape }: Parameter): Tensor {
  const inner = tensor(value.shape, values);
  if (order.kind === "filter") return filterFromEngine(inner, order.channels / order.groups);
  if (order.kind === "innerProduct") return innerProductFromEngine(inner, (order.flattened ?? undefined) as Flattened | undefined);
  return tensor(caffeShape, inner.data);
}
