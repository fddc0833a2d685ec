// Random initial values: what they are. Any shape; a value is a function of seed, stream and element, alike on every adapter.
import { op, type Port } from "../graph/op.ts";
import { philox, unitFloat, type Block } from "../tensor/philox.ts";
import { formatShape, sizeOf, type Shape } from "../tensor/shape.ts";
import { relative } from "./bounds.ts";
import { requireRandom } from "./dropout.ts";

export interface RandomFillAttributes {
  distribution: "gaussian" | "uniform";
  /** Standard deviation of the gaussian, or bound of the uniform distribution on [-scale, scale). */
  scale: number;
  /** Distinguishes the parameters of a network. */
  stream: number;
  shape: Shape;
  /** Where input channels of a filter [groups, kh, kw, channels, outputs] are padded: how many are real. The others are filled with 0. */
  channels?: number;
}

/**
 * Element i is made of the Philox block with key (seed low, seed high) and counter (step, floor(i / 4), stream, 1).
 * Uniform: scale (2 u[i mod 4] - 1), u being the block's words as floats in [0, 1). Gaussian: Box and Muller 1958, "A note on the generation of
 * random normal deviates", on the pairs (u[0], u[1]) and (u[2], u[3]). random: u32 [4] = (seed low, seed high, step, 0).
 */
export const randomFill = op<{ random: Port }, { y: Port }, RandomFillAttributes>({
  name: "randomFill",
  infer({ random }, { shape, channels }, label) {
    requireRandom("randomFill", label, random);
    if (channels !== undefined && !(shape.length === 5 && channels >= 1 && channels <= shape[3])) {
      throw new Error(
        `randomFill "${label}": channels (${channels}) counts the real ones on axis 3 of a filter [groups, kh, kw, channels, outputs], ` +
          `shape is ${formatShape(shape)}`,
      );
    }
    return { y: { shape, dtype: "f32" } };
  },
  reference({ random }, { distribution, scale, stream, shape, channels }) {
    const [seedLow, seedHigh, step] = random.data;
    const draw = distribution === "gaussian" ? gaussians : uniforms;
    const y = new Float64Array(sizeOf(shape));
    for (let i = 0; i < y.length; i += 4) {
      const values = draw(philox([seedLow, seedHigh], [step, i / 4, stream, 1]));
      for (let k = 0; k < 4 && i + k < y.length; k++) y[i + k] = isReal(i + k, shape, channels) ? scale * values[k] : 0;
    }
    return { y };
  },
  // A gaussian's radius: 30 for the logarithm, half of it after the root, which errs by 9; the angle's cosine: 8; three products.
  bound: relative(40),
});

function isReal(i: number, shape: Shape, channels: number | undefined): boolean {
  return channels === undefined || Math.floor(i / shape[4]) % shape[3] < channels;
}

const uniforms = (block: Block): number[] => block.map((word) => 2 * unitFloat(word) - 1);

const gaussians = ([a, b, c, d]: Block): number[] => [...boxMuller(a, b), ...boxMuller(c, d)];

function boxMuller(first: number, second: number): [number, number] {
  const radius = Math.sqrt(-2 * Math.log(1 - unitFloat(first))); // 1 - u lies in (0, 1]
  const angle = 2 * Math.PI * unitFloat(second);
  return [radius * Math.cos(angle), radius * Math.sin(angle)];
}
