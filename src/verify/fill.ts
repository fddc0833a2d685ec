// Default inputs of kernels: seeded values, of the kind in the op's cases.
import { mapPorts } from "../graph/op.ts";
import type { Node } from "../graph/graph.ts";
import type { Case, CaseInput, Fill } from "../kernels/cases/case.ts";
import { cases } from "../kernels/cases/index.ts";
import { ops } from "../ops/index.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";

export type Filled = Record<string, Float32Array | Uint32Array>;

/** A prime, so that no extent of a tensor keeps step with it. */
const PERIOD = 65521;

/**
 * The inputs of a case: float32 or u32 values that are a function of the port's place and the element. They repeat after PERIOD: drawing 38 million
 * for AlexNet's fc6 would take longer than what is measured on them.
 */
export function fill({ inputs, attributes }: Pick<Case, "inputs" | "attributes">): Filled {
  const filled: Filled = {};
  Object.entries<CaseInput>(inputs).forEach(([port, { shape, dtype, fill }], stream) => {
    if ("resultOf" in fill) {
      const before = mapPorts(filled, (data, known) => ({ shape: inputs[known].shape, data: Float64Array.from(data) }));
      const result: Record<string, Float64Array> = ops[fill.resultOf].reference(before as never, attributes, {
        y: { shape, dtype },
      } as never);
      filled[port] = Float32Array.from(result["y"]);
      return;
    }
    const size = sizeOf(shape);
    const drawn = Array.from({ length: Math.min(PERIOD, size) }, (_, i) => valueOf(fill, philox([stream, 0], [i, 0, 0, 2]), i));
    const period = dtype === "u32" ? Uint32Array.from(drawn) : Float32Array.from(drawn);
    const values = dtype === "u32" ? new Uint32Array(size) : new Float32Array(size);
    for (let at = 0; at < size; at += PERIOD) values.set(period.subarray(0, size - at), at);
    filled[port] = values;
  });
  return filled;
}

function valueOf(fill: Exclude<Fill, { resultOf: unknown }>, [first, second]: readonly number[], i: number): number {
  if ("values" in fill) return fill.values[i % fill.values.length];
  if ("wholeBelow" in fill) return first % fill.wholeBelow;
  if ("bytesBelow" in fill)
    return [0, 8, 16, 24].reduce((word, shift) => word + (((first >>> shift) & 255) % fill.bytesBelow) * 2 ** shift, 0);
  return fill.normal * Math.sqrt(-2 * Math.log(1 - unitFloat(first))) * Math.cos(2 * Math.PI * unitFloat(second));
}

/** A node as a case: each port is filled as it is in the first of its op's cases that has it; labels as where classes are fewest. */
export function caseOf({ op, inputs, attributes }: Pick<Node, "op" | "inputs" | "attributes">): Pick<Case, "inputs" | "attributes"> {
  const known = Object.values<Case>(cases[op.name as keyof typeof cases] ?? {}).map(({ inputs }) => inputs as Record<string, CaseInput>);
  const ports = new Set([...known.flatMap((list) => Object.keys(list)), ...Object.keys(inputs)]);
  const filled: Record<string, CaseInput> = {};
  // In the cases' order: what is the result of other inputs comes after them.
  for (const port of ports) {
    const value = inputs[port];
    if (!value) continue;
    const fills = known.flatMap((list) => (list[port] ? [list[port].fill] : []));
    filled[port] = { shape: value.shape, dtype: value.dtype, fill: leastOf(fills) ?? { normal: 1 } };
  }
  return { inputs: filled, attributes };
}

/** The first; of whole numbers those with the lowest end. */
const leastOf = (fills: readonly Fill[]): Fill | undefined =>
  fills.reduce<Fill | undefined>((least, next) => {
    if (least === undefined) return next;
    return "wholeBelow" in least && "wholeBelow" in next && next.wholeBelow < least.wholeBelow ? next : least;
  }, undefined);
