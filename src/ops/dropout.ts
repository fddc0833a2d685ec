// Inverted dropout: what it means. Any shape. Nothing is stored for the backward pass: the mask is a function of seed, step and element.
import { op, type Array64, type Op, type Port, type TensorType } from "../graph/op.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { formatShape } from "../tensor/shape.ts";
import { relative } from "./bounds.ts";

export interface DropoutAttributes {
  /** Share of elements that become 0, in [0, 1). */
  ratio: number;
  /** Distinguishes the dropout layers of a network: each has a mask of its own. */
  stream: number;
}

/**
 * y = x / (1 - ratio) where the element is kept, else 0. Element i is kept where word i mod 4 of the Philox block with key (seed low, seed high)
 * and counter (step, floor(i / 4), stream, 0), as a float in [0, 1), is at least `ratio`. random: u32 [4] = (seed low, seed high, step, 0).
 */
export const dropout: Op<{ x: Port; random: Port }, { y: Port }, DropoutAttributes> = op({
  name: "dropout",
  infer({ x, random }, { ratio }, label) {
    if (!(ratio >= 0 && ratio < 1)) throw new Error(`dropout "${label}": ratio must be in [0, 1), got ${ratio}`);
    requireRandom("dropout", label, random);
    return { y: x };
  },
  reference: ({ x, random }, attributes) => ({ y: dropped(x, random, attributes) }),
  bound: relative(2), // the scale, and the product with it
  gradient: ({ graph, inputs: { random }, dy, attributes, label }) => ({
    x: dy.y && graph.add(dropout, { x: dy.y, random }, attributes, `${label}.dx`).y,
  }),
});

/** What is left of x. */
export function dropped(x: Array64, random: Array64, { ratio, stream }: DropoutAttributes): Float64Array {
  const [seedLow, seedHigh, step] = random.data;
  return x.data.map((value, i) => {
    const word = philox([seedLow, seedHigh], [step, Math.floor(i / 4), stream, 0])[i % 4];
    return unitFloat(word) >= ratio ? value / (1 - ratio) : 0;
  });
}

/** Throws unless `random` is what the random ops read: u32 [4] = (seed low, seed high, step, 0). */
export function requireRandom(op: string, label: string, random: TensorType): void {
  if (random.dtype !== "u32" || random.shape.length !== 1 || random.shape[0] !== 4) {
    throw new Error(
      `${op} "${label}": random must be u32[4] (seed low, seed high, step, 0), got ${random.dtype}${formatShape(random.shape)}`,
    );
  }
}
