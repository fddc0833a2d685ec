// One value of a parameter that is another while one look is computed.
import { USAGE } from "../engine/buffers.ts";
import type { Parameter } from "../models/network.ts";
import { sizeOf } from "../tensor/shape.ts";
import { inWords, kind, whole, type Kind } from "./check.ts";
import { caffePositions } from "./parameter-values.ts";
import type { Subject } from "./subject.ts";

/** A value in the place of one of a parameter's. */
export interface OtherValue {
  /** Name of the parameter: "conv1/weight". */
  readonly parameter: string;
  /** Which of its values, in the order in which `read` gives them. */
  readonly index: number;
  /** What it is instead. */
  readonly value: number;
}

export const OTHER_VALUE: Kind = kind((value) => {
  const { parameter, index, value: instead } = Object(value) as OtherValue;
  return typeof parameter === "string" && whole(0)[0](index) && Number.isFinite(instead);
}, "{ parameter, index, value }");

/** The parameter. Throws a TypeError where the network has no such value. */
export function expectElement(
  what: string,
  parameters: readonly Parameter[],
  { parameter, index }: Pick<OtherValue, "parameter" | "index">,
): Parameter {
  const found = parameters.find(({ name }) => name === parameter);
  if (!found) throw new TypeError(`${what}: there is no parameter ${inWords(parameter)}`);
  const count = sizeOf(found.caffeShape);
  if (!(index < count)) throw new TypeError(`${what}: ${parameter} has ${count} values, got index ${index}`);
  return found;
}

/** Writes the value in the queue's order; what is returned puts the one before it back, as it then was. */
export function swapped({ engine, states, parameters }: Subject, instead: OtherValue): () => void {
  const parameter = expectElement("look: instead", parameters, instead);
  const { device } = engine;
  const { buffer, offset, shape } = states.range(parameter.name);
  const at = offset + 4 * caffePositions(parameter, sizeOf(shape))[instead.index];
  const kept = device.createBuffer({ label: "kept value", size: 4, usage: USAGE.copySrc | USAGE.copyDst });
  const copy = (...[from, fromAt, to, toAt]: readonly [GPUBuffer, number, GPUBuffer, number]): void => {
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, fromAt, to, toAt, 4);
    device.queue.submit([encoder.finish()]);
  };
  copy(buffer, at, kept, 0);
  device.queue.writeBuffer(buffer, at, Float32Array.of(instead.value));
  return () => {
    copy(kept, 0, buffer, at);
    kept.destroy();
  };
}
