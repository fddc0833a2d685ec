// Activations other than ReLU, element by element: what they mean. Any shape.
import { op, type Port } from "../graph/op.ts";
import { EPS, FLUSH } from "./bounds.ts";

export interface ActivationAttributes {
  kind: ActivationKind;
  alpha: number;
  beta: number;
}

interface Definition {
  readonly value: (x: number, alpha: number, beta: number) => number;
  readonly slope: (x: number, alpha: number, beta: number) => number;
  /** Roundings of 1 that a float32 value and a float32 slope may be off by. */
  readonly valueError: (x: number, alpha: number, beta: number) => number;
  readonly slopeError: (x: number, alpha: number, beta: number) => number;
}

const sigmoidOf = (x: number): number => 1 / (1 + Math.exp(-x));
/** Roundings in exp(-|x|) and what divides by 1 + that, relative: WGSL's exp errs by 3 + 2 |x| units in the last place. */
const exponential = (x: number): number => 12 + 4 * Math.abs(x);
const clamped = (x: number): number => Math.min(Math.max(x, 0), 1);

/** By kind; the shaders are shaders/lib/activation-*.wgsl. */
export const ACTIVATIONS = {
  /** alpha x + beta */
  affine: {
    value: (x, alpha, beta) => alpha * x + beta,
    slope: (_x, alpha) => alpha,
    valueError: (x, alpha, beta) => 3 * Math.abs(alpha * x) + 2 * Math.abs(beta),
    slopeError: (_x, alpha) => Math.abs(alpha),
  },
  /** x between alpha and beta; no slope outside and at the ends */
  clip: {
    value: (x, alpha, beta) => Math.min(Math.max(x, alpha), beta),
    slope: (x, alpha, beta) => (x > alpha && x < beta ? 1 : 0),
    valueError: (x, alpha, beta) => (x < alpha ? inexact(alpha) : x > beta ? inexact(beta) : 0),
    slopeError: () => 0,
  },
  /** x where x >= 0, else alpha x */
  leakyRelu: {
    value: (x, alpha) => (x >= 0 ? x : alpha * x),
    slope: (x, alpha) => (x >= 0 ? 1 : alpha),
    valueError: (x, alpha) => (x >= 0 ? 0 : 2 * Math.abs(alpha * x)),
    slopeError: (x, alpha) => (x >= 0 ? 0 : Math.abs(alpha)),
  },
  /** x where x >= 0, else alpha (exp(x) - 1) */
  elu: {
    value: (x, alpha) => (x >= 0 ? x : alpha * (Math.exp(x) - 1)),
    slope: (x, alpha) => (x >= 0 ? 1 : alpha * Math.exp(x)),
    valueError: (x, alpha) => (x >= 0 ? 0 : Math.abs(alpha) * ((6 + 4 * Math.abs(x)) * Math.exp(x) + 4)),
    slopeError: (x, alpha) => (x >= 0 ? 0 : Math.abs(alpha) * (8 + 4 * Math.abs(x)) * Math.exp(x)),
  },
  /** 1 / (1 + exp(-x)) */
  sigmoid: {
    value: sigmoidOf,
    slope: (x) => sigmoidOf(x) * sigmoidOf(-x),
    valueError: (x) => exponential(x) * sigmoidOf(x),
    slopeError: (x) => (2 * exponential(x) + 2) * sigmoidOf(x) * sigmoidOf(-x),
  },
  /** x / (1 + exp(-x)) */
  silu: {
    value: (x) => x * sigmoidOf(x),
    slope: (x) => sigmoidOf(x) * (1 + x * sigmoidOf(-x)),
    valueError: (x) => (exponential(x) + 1) * Math.abs(x * sigmoidOf(x)),
    slopeError: (x) => (2 * exponential(x) + 6) * sigmoidOf(x) * (1 + Math.abs(x) * sigmoidOf(-x)),
  },
  /** (1 - exp(-2 |x|)) / (1 + exp(-2 |x|)) with the sign of x */
  tanh: {
    value: Math.tanh,
    slope: (x) => 1 - Math.tanh(x) ** 2,
    valueError: () => 20,
    slopeError: () => 44,
  },
  /** alpha x + beta between 0 and 1 */
  hardSigmoid: {
    value: (x, alpha, beta) => clamped(alpha * x + beta),
    slope: (x, alpha, beta) => (alpha * x + beta > 0 && alpha * x + beta < 1 ? alpha : 0),
    valueError: (x, alpha, beta) => 3 * Math.abs(alpha * x) + 2 * Math.abs(beta),
    slopeError: (_x, alpha) => Math.abs(alpha),
  },
  /** x times (x / 6 + 1 / 2 between 0 and 1) */
  hardSwish: {
    value: (x) => x * clamped(x / 6 + 0.5),
    slope: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5),
    valueError: (x) => 4 * Math.abs(x) * (Math.abs(x) / 6 + 1),
    slopeError: (x) => (Math.abs(x) >= 3 ? 0 : 4 * (Math.abs(x) / 3 + 1)),
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type ActivationKind = keyof typeof ACTIVATIONS;

/** The magnitude of a limit that float32 rounds. */
const inexact = (limit: number): number => (Math.fround(limit) === limit ? 0 : Math.abs(limit));

/** y = the activation of x. */
export const activation = op<{ x: Port }, { y: Port }, ActivationAttributes>({
  name: "activation",
  infer: ({ x }) => ({ y: x }),
  reference: ({ x }, { kind, alpha, beta }) => ({ y: x.data.map((value) => ACTIVATIONS[kind].value(value, alpha, beta)) }),
  bound: ({ inputs: { x }, attributes }) => {
    const { kind, alpha, beta } = attributes as ActivationAttributes;
    const { valueError }: Definition = ACTIVATIONS[kind];
    // A clip moves nothing but what it cuts off: its gradient asks whether y lies at a limit.
    const flushed = kind === "clip" ? 0 : FLUSH;
    return { y: x.data.map((value) => 1.001 * EPS * valueError(value, alpha, beta) + (4 + 2 * Math.abs(value)) * flushed) };
  },
  // Between its limits y is x, so that x need not be kept.
  gradient: ({ graph, inputs: { x }, outputs: { y }, dy, attributes, label }) => ({
    x: dy.y && graph.add(activationBackward, { x: attributes.kind === "clip" ? y : x, dy: dy.y }, attributes, `${label}.dx`).dx,
  }),
});

/** dx = dy times the activation's slope at x. */
export const activationBackward = op<{ x: Port; dy: Port }, { dx: Port }, ActivationAttributes>({
  name: "activationBackward",
  infer: ({ x }) => ({ dx: x }),
  reference: ({ x, dy }, { kind, alpha, beta }) => ({
    dx: x.data.map((value, i) => dy.data[i] * ACTIVATIONS[kind].slope(value, alpha, beta)),
  }),
  bound: ({ inputs: { x, dy }, attributes }) => {
    const { kind, alpha, beta } = attributes as ActivationAttributes;
    const { slope, slopeError }: Definition = ACTIVATIONS[kind];
    const errors = x.data.map((value) => slopeError(value, alpha, beta) + Math.abs(slope(value, alpha, beta)));
    return { dx: errors.map((error, i) => 1.001 * EPS * error * Math.abs(dy.data[i]) + (4 + 2 * Math.abs(x.data[i])) * FLUSH) };
  },
});
