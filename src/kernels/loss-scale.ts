// How loss scaling is launched. Device code: shaders/peak.wgsl, loss-scale.wgsl, scaled-rate.wgsl, next-loss-scale.wgsl.
import * as ops from "../ops/loss-scale.ts";
import { BYTES_PER_ELEMENT, ceilDiv, sizeOf, type Shape } from "../tensor/shape.ts";
import { kernel, type Launch, type Lowering } from "./kernel.ts";

const LANES = 64;

/** One workgroup a slot; a tensor's last vector of four may reach into its padding, which holds what was there, so only whole vectors of four count. */
const search = (x: Shape, vector: 1 | 4): Lowering => ({
  launches: [
    {
      shader: "peak.wgsl",
      params: { LANES, SLOTS: ops.PEAK_SLOTS, ...(vector === 4 && { PER_VECTOR: 4, Vector: "vec4f" }) },
      dims: { count: ceilDiv(sizeOf(x), vector) },
      workgroups: [ops.PEAK_SLOTS, 1, 1],
      flops: sizeOf(x),
      bytes: BYTES_PER_ELEMENT * sizeOf(x),
    },
  ],
});

export const peak = kernel(ops.peak, {
  textbook: ({ inputs: { x } }) => search(x.shape, 1),
  vector: ({ inputs: { x } }) => (sizeOf(x.shape) % 4 === 0 ? search(x.shape, 4) : null),
});

/** One invocation. */
export const single = (launch: Pick<Launch, "shader" | "dims">): Lowering => ({
  launches: [{ ...launch, workgroups: [1, 1, 1], flops: 2, bytes: 16 }],
});

export const lossScale = kernel(ops.lossScale, { textbook: () => single({ shader: "loss-scale.wgsl", dims: { count: 1 } }) });
export const scaledRate = kernel(ops.scaledRate, { textbook: () => single({ shader: "scaled-rate.wgsl", dims: { count: 2 } }) });
export const nextLossScale = kernel(ops.nextLossScale, {
  textbook: () =>
    single({
      shader: "next-loss-scale.wgsl",
      dims: { slots: ops.PEAK_SLOTS, peakExponent: ops.PEAK_EXPONENT, largestExponent: ops.LARGEST_EXPONENT },
    }),
});
