// How batch normalisation is launched. Device code: shaders/batch-norm-moment.wgsl (moments), batch-norm.wgsl, batch-norm-sums.wgsl,
// batch-norm-backward.wgsl, norm-factors.wgsl, moving-average.wgsl.
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/batch-norm.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf } from "../tensor/shape.ts";
import { elementwise } from "./elementwise.ts";
import { flat, kernel, type Call, type Launch, type Lowering, type Target } from "./kernel.ts";
import { rectifierDims } from "./rectifier.ts";
import { channelsOf } from "./scale-shift.ts";
import { INVOCATIONS } from "./two-passes.ts";
import { inVectors, vectorType, type Vector } from "./windows.ts";

const WORKGROUP = 64;

type Forward = Call<
  { x: TensorType; scale: TensorType; shift: TensorType; addend?: TensorType },
  { y: TensorType; mean: TensorType; variance: TensorType },
  ops.BatchNormAttributes
>;
type Backward = Call<
  { x: TensorType; dy: TensorType; scale: TensorType; mean: TensorType; variance: TensorType },
  { dx: TensorType; dscale: TensorType; dshift: TensorType },
  ops.NormAttributes
>;

export const batchNorm = kernel(
  ops.batchNorm,
  inVectors(
    ({ inputs: { x } }: Forward) => channelsOf(x),
    (call: Forward, vector: Vector): Lowering => {
      const { x, addend } = call.inputs;
      const { epsilon, ...rectifier } = call.attributes;
      const { chunks, ...grid } = gridOf(x, vector);
      const moments = (scale: number): Omit<Moments, "bind"> => ({ ...grid, chunks, scale, vector, target: call.target });
      const perPixel = grid.channels / sizeOf(x.shape);
      const deviation = { slots: { term: "lib/square-deviation.wgsl" } };
      const applied = {
        shader: "batch-norm.wgsl",
        ...(addend && { slots: { addend: "lib/batch-norm-addend.wgsl" } }),
        dims: { epsilon, ...rectifierDims(rectifier) },
      };
      const apply = everywhere(call, x, applied, ["x", "y", ...(addend ? ["addend"] : [])], vector);
      return {
        launches: [...twice(moments(perPixel), {}, "mean"), ...twice(moments(perPixel), deviation, "variance"), apply],
        ...(chunks > 1 && { scratch: { partial: chunks * grid.channels } }),
      };
    },
  ),
);

/** Successive pixels that one invocation sums: all of them in the textbook kernel. */
function gridOf(x: TensorType, vector: Vector) {
  const channels = channelsOf(x);
  const pixels = sizeOf(x.shape) / channels;
  const chunk = vector === 1 ? pixels : Math.max(16, ceilDiv(sizeOf(x.shape), INVOCATIONS * vector));
  return { channels, pixels, chunk, chunks: ceilDiv(pixels, chunk) };
}

interface Moments {
  readonly channels: number;
  readonly pixels: number;
  readonly chunk: number;
  readonly chunks: number;
  readonly scale: number;
  readonly vector: Vector;
  readonly target: Target;
}

/** The sum of a term over pixels, times `scale`: chunks first and their sums next, where there is more than one. */
function twice({ chunks, ...moments }: Omit<Moments, "bind">, slots: Pick<Launch, "slots">, to: string): Launch[] {
  if (chunks === 1) return [moment({ ...moments, chunks }, slots, { y: to })];
  return [
    moment({ ...moments, chunks, scale: 1 }, slots, { y: "partial" }),
    moment({ ...moments, pixels: chunks, chunk: chunks, chunks: 1 }, {}, { x: "partial", y: to }),
  ];
}

function moment(
  { channels, pixels, chunk, chunks, scale, vector, target }: Moments,
  slots: Pick<Launch, "slots">,
  bind: Readonly<Record<string, string>>,
): Launch {
  const count = (chunks * channels) / vector;
  return {
    shader: "batch-norm-moment.wgsl",
    ...slots,
    params: { WORKGROUP, ...vectorType(vector) },
    dims: { count, pixels, channels: channels / vector, chunk, scale },
    bind,
    workgroups: flat(count, WORKGROUP, target),
    flops: 2 * pixels * channels,
    bytes: BYTES_PER_ELEMENT * pixels * channels,
  };
}

/** One launch with an invocation for each vector of x. Batch normalisation is not cut into slices: its sums go over all pixels. */
function everywhere(
  { target, label }: { readonly target: Target; readonly label: string },
  x: TensorType,
  { dims, ...variant }: Pick<Launch, "shader" | "slots" | "dims">,
  tensors: readonly string[],
  vector: Vector,
): Launch {
  const size = sizeOf(x.shape);
  if (size * BYTES_PER_ELEMENT > target.maxBindingBytes)
    throw new Error(
      `batchNorm "${label}": ${size * BYTES_PER_ELEMENT} bytes are more than this adapter binds at once (${target.maxBindingBytes}): ` +
        "use a smaller batch or input",
    );
  return {
    ...variant,
    params: { WORKGROUP, ...vectorType(vector) },
    dims: { count: size / vector, channels: channelsOf(x) / vector, ...dims },
    workgroups: flat(size / vector, WORKGROUP, target),
    flops: 6 * size,
    bytes: BYTES_PER_ELEMENT * tensors.length * size,
  };
}

export const batchNormBackward = kernel(
  ops.batchNormBackward,
  inVectors(
    ({ inputs: { x } }: Backward) => channelsOf(x),
    (call: Backward, vector: Vector): Lowering => {
      const { inputs, attributes, target } = call;
      const { channels, pixels, chunk, chunks } = gridOf(inputs.x, vector);
      const count = (chunks * channels) / vector;
      const [shifts, scales] = chunks === 1 ? ["dshift", "dscale"] : ["shifts", "scales"];
      const first: Launch = {
        shader: "batch-norm-sums.wgsl",
        params: { WORKGROUP, ...vectorType(vector) },
        dims: { count, pixels, channels: channels / vector, chunk, epsilon: attributes.epsilon },
        bind: { shifts, scales },
        workgroups: flat(count, WORKGROUP, target),
        flops: 4 * pixels * channels,
        bytes: 2 * BYTES_PER_ELEMENT * pixels * channels,
      };
      const together = { channels, pixels: chunks, chunk: chunks, chunks: 1, scale: 1, vector, target };
      const second =
        chunks === 1 ? [] : [moment(together, {}, { x: "shifts", y: "dshift" }), moment(together, {}, { x: "scales", y: "dscale" })];
      const dims = { epsilon: attributes.epsilon, perPixel: 1 / pixels };
      const apply = everywhere(call, inputs.x, { shader: "batch-norm-backward.wgsl", dims }, ["x", "dy", "dx"], vector);
      return {
        launches: [first, ...second, apply],
        ...(chunks > 1 && { scratch: { shifts: chunks * channels, scales: chunks * channels } }),
      };
    },
  ),
);

export const normFactors = kernel(ops.normFactors, {
  textbook: ({ inputs: { scale, bias }, attributes: { epsilon }, target }) => {
    const count = sizeOf(scale.shape);
    return {
      launches: [
        {
          shader: "norm-factors.wgsl",
          ...(!bias && { slots: { bias: "lib/no-bias.wgsl" } }),
          params: { WORKGROUP },
          dims: { count, epsilon },
          workgroups: flat(count, WORKGROUP, target),
          flops: 5 * count,
          bytes: 6 * BYTES_PER_ELEMENT * count,
        },
      ],
    };
  },
});

export const movingAverage = kernel(
  ops.movingAverage,
  elementwise({
    shader: "moving-average.wgsl",
    tensors: ["average", "x"],
    flops: 3,
    dims: ({ keep }: ops.MovingAverageAttributes) => ({ keep, take: 1 - keep }),
  }),
);
