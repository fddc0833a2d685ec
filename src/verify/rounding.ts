// A float64 interpretation perturbed by the bounds of float32 kernels: the effect of these bounds in a whole network, step after step.
//
// Every element of every node is changed by its whole derived bound (`Op.bound`), up or down at random; the network propagates these errors through
// layers and updates. An adapter's results may differ from the definition by at most as much: real roundings stay well
// below their bounds, wrong kernels do not. (Monte Carlo arithmetic: Parker 1997, "Monte Carlo arithmetic: exploiting randomness in floating-point
// arithmetic".)
import { overwrites } from "../graph/graph.ts";
import { byDefinition, type Evaluate } from "../graph/interpret.ts";
import { philox, type Block } from "../tensor/philox.ts";
import type { Storage } from "../engine/planner.ts";

/** The last word of the Philox counter, apart from those of training and tests. */
const SIGNS = 6;

/** Relative and absolute error of a half float: half a unit in the last of its 11 digits, and of the last place that it has at all. */
const HALF = { relative: 2 ** -11, absolute: 2 ** -25 };

/**
 * For `interpret`, in one step; signs are a function of seed and step. With storage "f16" every value errs as a half float besides that could be
 * stored as one: all but states and single numbers.
 */
export function erringByBounds(seed: number, step: number, storage: Storage = "f32"): Evaluate {
  let nodes = 0;
  return (node, inputs) => {
    const exact = byDefinition(node, inputs);
    const { op, attributes, outputs } = node;
    if (op.alias) return exact;
    const allowed = op.bound({ op, inputs, attributes, outputs, exact });
    const key: [number, number] = [seed, nodes++];
    const overwritten = new Set(overwrites(node).map(([, output]) => output));
    Object.entries(exact).forEach(([port, values], stream) => {
      const halves = storage === "f16" && values.length > 1 && !overwritten.has(port);
      const errors = halves ? allowed[port].map((error, i) => error + HALF.relative * Math.abs(values[i]) + HALF.absolute) : allowed[port];
      move(values, errors, key, [step, stream]);
    });
    return exact;
  };
}

/** Each value up or down by its error; one random bit says which. */
function move(values: Float64Array, errors: Float64Array, key: [number, number], [step, stream]: [number, number]): void {
  let bits: Block = [0, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    if (i % 128 === 0) bits = philox(key, [i, step, stream, SIGNS]);
    values[i] += (bits[(i >> 5) & 3] >>> (i & 31)) & 1 ? errors[i] : -errors[i];
  }
}
