// A float64 interpretation that errs as float32 kernels may: what the bounds of single kernels amount to in a whole network, step after step.
//
// Every element of every node is moved by its whole derived bound (tolerance.ts), up or down at random; how far such errors carry, through layers and
// updates, the network itself decides. What an adapter computes may part from the definition no further than this does: real roundings stay well
// below their bounds, wrong kernels do not. (Monte Carlo arithmetic: Parker 1997, "Monte Carlo arithmetic: exploiting randomness in floating-point
// arithmetic".)
import { byDefinition, type Evaluate } from "../graph/interpret.ts";
import { philox, type Block } from "../tensor/philox.ts";
import { bounds, type Bound } from "./tolerance.ts";

/** The last word of the Philox counter, apart from those of training and tests. */
const SIGNS = 6;

/** For `interpret`, in one step; signs are a function of seed and step. */
export function erringByBounds(seed: number, step: number): Evaluate {
  let nodes = 0;
  return (node, inputs) => {
    const exact = byDefinition(node, inputs);
    const { op, attributes, outputs } = node;
    const bound = (bounds as Readonly<Record<string, Bound>>)[op.name];
    if (!bound) return exact; // an alias moves nothing
    const allowed = bound({ inputs, attributes, outputs, exact });
    const key: [number, number] = [seed, nodes++];
    Object.entries(exact).forEach(([port, values], stream) => move(values, allowed[port], key, [step, stream]));
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
