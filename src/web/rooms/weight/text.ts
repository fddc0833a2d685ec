// Texts of Weight.
import type { FiniteDifference } from "./worker-part.ts";

/** Of the definitions in JavaScript; a rough figure. */
const MULTIPLICATIONS_PER_SECOND = 4e7;

export const TEXT = {
  title: (name: string): string => `A weight of ${name}`,
  parameter: "Parameter",
  axes: { o: "Output", i: "Input", y: "Row", x: "Column" },
  life: "Its life",
  lifeOf: "Value, momentum and the gradient that each step applied, over the steps that were seen; each on its own scale",
  value: "Value",
  momentum: "Momentum",
  gradient: "Gradient",
  lifeNote: "A step that is taken while another weight or room is open is not seen. Rewind and play to see it.",
  three: "Its gradient, three times",
  threeOf: (labels: readonly string[]): string =>
    `Of the mean loss of the first ${labels.length} pictures (${labels.join(", ")}), as the network scores them: cropped in the middle, without dropout.`,
  kernel: "Our kernel, float32",
  exact: "The definition, float64",
  difference: "Finite difference",
  off: (error: number, bound: number): string =>
    `differs by ${error.toExponential(1)}; float32 may be off by ${bound.toExponential(1)}${error <= bound ? "" : ", so the kernel is wrong here"}`,
  differenceOf: ({ steps, up, down, error }: FiniteDifference): string => {
    const step = Math.max(...steps);
    const losses = steps.every((each) => each === step)
      ? `(${up.toPrecision(12)} - ${down.toPrecision(12)}) / (2 x ${step.toExponential(2)})`
      : `(L(w + h) - L(w - h)) / 2 h, with h = ${steps.map((each) => each.toExponential(2)).join(" and ")}`;
    return `${losses}: the loss with the weight a little larger and smaller, in float64. Its own error is about ${error.toExponential(0)}.`;
  },
  kinks: (count: number): string =>
    `${count} ReLUs or pooling windows change sides between the two weights: the loss has a kink there, where it has no gradient.`,
  near: (count: number): string =>
    `${count === 1 ? "One ReLU or pooling window lies" : `${count} ReLUs or pooling windows lie`} so near a kink that float32's roundings may put the kernel on its other side, where the gradient is another.`,
  differencing: "computing it in float64, on the processor",
  askDifference: (multiplications: number): string =>
    `Compute it: some ${Math.ceil(multiplications / MULTIPLICATIONS_PER_SECOND)} s on the processor`,
  sum: "Its gradient as a sum",
  sumOf: (count: number): string =>
    `Over pictures and positions: what came in times the gradient of what went out. The ${count} largest terms:`,
  others: (count: number, rest: number): string =>
    count === 0 ? "These are all." : `The other ${count} add up to ${rest.toPrecision(5)}.`,
  total: "Together:",
  magnitude: (value: number): string => `Without their signs they would add up to ${value.toPrecision(5)}.`,
  picture: "Picture",
  at: "Row, column",
  in: "Came in, x",
  out: "Gradient of what went out",
  product: "Product",
  showOn: "Show on the maps",
  inputMap: (name: string): string => `${name}, the channel that it sees`,
  outputMap: (name: string): string => `gradient of ${name}, its channel`,
  mapsOf: (number: number): string => `Maps of picture ${number + 1}: a frame for each term of it`,
  noInput: "A bias sees no input: x is 1.",
  update: "Its next update, with this gradient",
  updateNote: "The step of the run takes the gradient of its own batch, with dropout.",
  computing: "Computing the gradient",
  paused: "Pause to see its gradient.",
  keys: { left: "weight to the left", right: "weight to the right", up: "weight above", down: "weight below" },
} as const;
