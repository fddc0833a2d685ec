// Local response normalisation across channels: what it means. Arrays are [..., channels]; what lies before is a list of pixels.
import { op, type Array64, type Port } from "../graph/op.ts";
import { requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";

export interface LrnAttributes {
  /** Channels in the window, odd. AlexNet and GoogLeNet: 5. */
  size: number;
  alpha: number;
  beta: number;
  k: number;
}

/** y = x * scale^-beta, scale = k + alpha / size * (sum of squares over the window). Krizhevsky et al. 2012, section 3.3; alpha / size as in Caffe. */
export const lrn = op<{ x: Port }, { y: Port }, LrnAttributes>({
  name: "lrn",
  infer({ x }, { size }, label) {
    if (size % 2 === 0) throw new Error(`lrn "${label}": size must be odd (the window is centred on a channel), got ${size}`);
    return { y: x };
  },
  reference({ x }, attributes) {
    const scale = scaleOf(x, attributes);
    return { y: x.data.map((value, i) => value * scale[i] ** -attributes.beta) };
  },
  gradient: ({ graph, inputs, dy, attributes, label }) => ({
    x: dy.y && graph.add(lrnBackward, { x: inputs.x, dy: dy.y }, attributes, `${label}.dx`).dx,
  }),
});

/** The gradient of `lrn` with respect to x; scale is recomputed, so that nothing but x need be kept. */
export const lrnBackward = op<{ x: Port; dy: Port } & Pick<EpiloguePorts, "gate">, { dx: Port }, LrnAttributes>({
  name: "lrnBackward",
  infer({ x, gate }, _attributes, label) {
    requireEpilogue("lrnBackward", label, { gate }, x);
    return { dx: x };
  },
  reference({ x, dy, ...epilogue }, attributes) {
    const { size, alpha, beta } = attributes;
    const scale = scaleOf(x, attributes);
    const dx = new Float64Array(x.data.length);
    forEachWindow(x, size, (i, first, last) => {
      let through = 0; // what reaches x through its neighbours' scales
      for (let j = first; j <= last; j++) through += dy.data[j] * x.data[j] * scale[j] ** (-beta - 1);
      dx[i] = dy.data[i] * scale[i] ** -beta - ((2 * alpha * beta) / size) * x.data[i] * through;
    });
    return { dx: withEpilogue(dx, epilogue) };
  },
});

/** k + alpha / size * the sum of squares over each element's window. */
export function scaleOf(x: Array64, { size, alpha, k }: LrnAttributes): Float64Array {
  const scale = new Float64Array(x.data.length);
  forEachWindow(x, size, (i, first, last) => {
    let squares = 0;
    for (let j = first; j <= last; j++) squares += x.data[j] ** 2;
    scale[i] = k + (alpha / size) * squares;
  });
  return scale;
}

/** Visits every element with the indices of the first and last channel of its window, clipped to its pixel. */
function forEachWindow(x: Array64, size: number, visit: (i: number, first: number, last: number) => void): void {
  const channels = x.shape[x.shape.length - 1];
  const reach = (size - 1) / 2;
  for (let row = 0; row < x.data.length; row += channels) {
    for (let c = 0; c < channels; c++) visit(row + c, row + Math.max(c - reach, 0), row + Math.min(c + reach, channels - 1));
  }
}
