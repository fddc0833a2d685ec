// Maximum over windows of pixels: what it means. x: [images, height, width, channels]; y: [images, oh, ow, channels].
import { mapPorts, op, type Port } from "../graph/op.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { addends, exactly, onMagnitudes, roundings } from "./bounds.ts";
import { DX_OVER_ADDEND, requireEpilogue, withEpilogue, type EpiloguePorts } from "./gradient-epilogue.ts";
import { forEachWindow, LOWEST, pooledType, type PoolAttributes, windowsOfAPixel } from "./pool-window.ts";

/** y = the largest x of the window. Padding never wins. */
export const maxPool = op<{ x: Port }, { y: Port }, PoolAttributes>({
  name: "maxPool",
  infer: ({ x }, attributes, label) => ({ y: pooledType("maxPool", label, x, attributes) }),
  reference({ x }, attributes, outputs) {
    const channels = x.shape[3];
    const y = new Float64Array(sizeOf(outputs.y.shape));
    forEachWindow(x.shape, outputs.y.shape, attributes, (pixels, _area, at) => {
      for (let c = 0; c < channels; c++) y[at + c] = pixels.reduce((best, pixel) => Math.max(best, x.data[pixel + c]), LOWEST);
    });
    return { y };
  },
  bound: exactly,
  gradient: ({ graph, inputs: { x }, outputs: { y }, dy, attributes, label }) => ({
    x: dy.y && graph.add(maxPoolBackward, { x, y, dy: dy.y }, attributes, `${label}.dx`).dx,
  }),
});

/** Each dy goes to the first pixel of its window, in scan order, whose x is the window's y; pixels with several windows add up. */
export const maxPoolBackward = op<{ x: Port; y: Port; dy: Port } & EpiloguePorts, { dx: Port }, PoolAttributes>({
  name: "maxPoolBackward",
  inPlace: DX_OVER_ADDEND,
  infer({ x, y, dy, ...epilogue }, attributes, label) {
    const { shape } = pooledType("maxPoolBackward", label, x, attributes);
    for (const [port, type] of Object.entries({ y, dy })) {
      if (!sameShape(type.shape, shape))
        throw new Error(`maxPoolBackward "${label}": ${port} must be ${formatShape(shape)}, got ${formatShape(type.shape)}`);
    }
    requireEpilogue("maxPoolBackward", label, epilogue, x);
    return { dx: x };
  },
  reference({ x, y, dy, ...epilogue }, attributes) {
    const channels = x.shape[3];
    const dx = new Float64Array(x.data.length);
    forEachWindow(x.shape, y.shape, attributes, (pixels, _area, at) => {
      for (let c = 0; c < channels; c++) {
        const winner = pixels.find((pixel) => x.data[pixel + c] === y.data[at + c]);
        if (winner !== undefined) dx[winner + c] += dy.data[at + c];
      }
    });
    return { dx: withEpilogue(dx, epilogue) };
  },
  bound: (run) => {
    const places = { x: run.inputs["x"], y: run.inputs["y"] };
    return mapPorts(onMagnitudes(run, places), (dx) => roundings(windowsOfAPixel(run.attributes) - 1 + addends(run), dx));
  },
});
