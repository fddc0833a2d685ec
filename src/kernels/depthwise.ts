// How depthwise convolution is launched, in its three passes. Device code: shaders/depthwise.wgsl, depthwise-backward-data.wgsl,
// depthwise-backward-filter.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/depthwise.ts";
import type { WindowAttributes } from "../ops/windows.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf } from "../tensor/shape.ts";
import { flat, kernel, type Call, type Launch, type Lowering } from "./kernel.ts";
import { rectifierDims } from "./rectifier.ts";
import { overItems } from "./slices.ts";
import { INVOCATIONS, inTwoPasses } from "./two-passes.ts";
import { inVectors, overWindows, vectorType, windowDims, type Vector } from "./windows.ts";

const WORKGROUP = 64;
/** "filter" is a reserved word in WGSL. */
const FILTERS = { filters: "filter" };

type Forward = Call<{ x: TensorType; filter: TensorType; bias?: TensorType }, { y: TensorType }, ops.DepthwiseAttributes>;
type BackwardData = Call<{ dy: TensorType; filter: TensorType }, { dx: TensorType }, ops.DepthwiseBackwardDataAttributes>;
type BackwardFilter = Call<{ x: TensorType; dy: TensorType }, { dfilter: TensorType }, WindowAttributes>;

export const depthwise = kernel(
  ops.depthwise,
  inVectors(
    ({ inputs: { x } }: Forward) => x.shape[3],
    ({ inputs: { x, bias }, outputs: { y }, attributes, target }: Forward, vector: Vector): Lowering => {
      const windowed = { shape: x.shape, windows: y.shape, attributes, channels: x.shape[3], vector } as const;
      const slots = bias ? {} : { slots: { bias: "lib/no-bias-vector.wgsl" } };
      const variant = { ...windowed, ...slots, shader: "depthwise.wgsl", dims: rectifierDims(attributes), bind: FILTERS };
      return { launches: overWindows({ ...variant, large: ["x"], small: ["y"], made: "small" }, target) };
    },
  ),
);

export const depthwiseBackwardData = kernel(
  ops.depthwiseBackwardData,
  inVectors(
    ({ inputs: { dy } }: BackwardData) => dy.shape[3],
    ({ inputs: { dy }, outputs: { dx }, attributes, target }: BackwardData, vector: Vector): Lowering => {
      const windowed = { shape: dx.shape, windows: dy.shape, attributes, channels: dx.shape[3], vector } as const;
      const variant = { ...windowed, shader: "depthwise-backward-data.wgsl", bind: FILTERS };
      return { launches: overWindows({ ...variant, large: ["dx"], small: ["dy"], made: "large" }, target) };
    },
  ),
);

export const depthwiseBackwardFilter = kernel(ops.depthwiseBackwardFilter, {
  textbook: (call: BackwardFilter) => ({ launches: inOnePass(call, 1).map((launch) => ({ ...launch, bind: { y: "dfilter" } })) }),
  vector: (call: BackwardFilter) => {
    const { x } = call.inputs;
    const elements = sizeOf(call.outputs.dfilter.shape);
    if (x.shape[3] % 4 !== 0) return null;
    const chunk = Math.max(64, ceilDiv(sizeOf(call.inputs.dy.shape.slice(0, 3)) * (elements / 4), INVOCATIONS));
    return inTwoPasses(inOnePass(call, 4), { elements, chunk, to: "dfilter" }, call.target);
  },
});

/** One invocation sums all pixels of a vector of filters. */
function inOnePass({ inputs: { x, dy }, outputs: { dfilter }, attributes, target }: BackwardFilter, vector: Vector): Launch[] {
  const channels = x.shape[3];
  const perImage = { x: sizeOf(x.shape.slice(1)), dy: sizeOf(dy.shape.slice(1)) };
  const count = sizeOf(dfilter.shape) / vector;
  return overItems(x.shape[0], perImage, target, (first, images) => {
    const pixels = images * dy.shape[1] * dy.shape[2];
    return {
      shader: "depthwise-backward-filter.wgsl",
      params: { WORKGROUP, ...vectorType(vector) },
      dims: {
        count,
        ...windowDims(x.shape, dy.shape, attributes),
        channels: channels / vector,
        pixels,
        chunk: pixels,
        accumulate: first > 0 ? 1 : 0,
      },
      workgroups: flat(count, WORKGROUP, target),
      flops: 2 * pixels * sizeOf(dfilter.shape),
      bytes: BYTES_PER_ELEMENT * images * (perImage.x + perImage.dy),
    };
  });
}
