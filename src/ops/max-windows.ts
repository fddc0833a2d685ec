// Maximum over windows by ONNX's rule: what it means. x: [images, height, width, channels]; y: [images, oh, ow, channels]. Square windows with
// equal padding are maxPool's, whose kernels are faster.
import { mapPorts, op, type Array64, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { exactly, onMagnitudes, roundings } from "./bounds.ts";
import { LOWEST } from "./pool-window.ts";
import { forEachTapOf, windowedType, type WindowAttributes } from "./windows.ts";

/** y = the largest x of the window. Padding never wins. */
export const maxWindows = op<{ x: Port }, { y: Port }, WindowAttributes>({
  name: "maxWindows",
  infer: ({ x }, windows, label) => ({ y: windowedType("maxWindows", label, x, x.shape[3], windows, true) }),
  reference({ x }, windows, outputs) {
    const y = new Float64Array(sizeOf(outputs.y.shape)).fill(LOWEST);
    forEachTapOf(x.shape, outputs.y.shape, windows, (xAt, _tap, yAt) => {
      for (let c = 0; c < x.shape[3]; c++) y[yAt + c] = Math.max(y[yAt + c], x.data[xAt + c]);
    });
    return { y };
  },
  bound: exactly,
  gradient: ({ graph, inputs: { x }, outputs: { y }, dy, attributes, label }) => ({
    x: dy.y && graph.add(maxWindowsBackward, { x, y, dy: dy.y }, attributes, `${label}.dx`).dx,
  }),
});

/** Each dy goes to the first pixel of its window, in scan order, whose x is the window's y; pixels with several windows add up. */
export const maxWindowsBackward = op<{ x: Port; y: Port; dy: Port }, { dx: Port }, WindowAttributes>({
  name: "maxWindowsBackward",
  infer({ x, y, dy }, windows, label) {
    const { shape } = windowedType("maxWindowsBackward", label, x, x.shape[3], windows, true);
    for (const [port, type] of Object.entries({ y, dy })) {
      if (!sameShape(type.shape, shape))
        throw new Error(`maxWindowsBackward "${label}": ${port} must be ${formatShape(shape)}, got ${formatShape(type.shape)}`);
    }
    return { dx: x };
  },
  reference: ({ x, y, dy }, windows) => ({ dx: toWinners(x, y, dy, windows) }),
  bound: (run) => {
    const { inputs, attributes } = run;
    const places = { x: inputs["x"], y: inputs["y"] };
    const [kh, kw] = (attributes as WindowAttributes).kernel;
    return mapPorts(onMagnitudes(run, places), (dx) => roundings(kh * kw, dx));
  },
});

function toWinners(x: Array64, y: Array64, dy: Array64, windows: WindowAttributes): Float64Array {
  const dx = new Float64Array(x.data.length);
  const won = new Uint8Array(y.data.length);
  forEachTapOf(x.shape, y.shape, windows, (xAt, _tap, yAt) => {
    for (let c = 0; c < x.shape[3]; c++) {
      if (won[yAt + c] === 1 || x.data[xAt + c] !== y.data[yAt + c]) continue;
      won[yAt + c] = 1;
      dx[xAt + c] += dy.data[yAt + c];
    }
  });
  return dx;
}
