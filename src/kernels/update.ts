// How gradients that update are launched: as the gradient's own kernel with the update in its epilogue (fast families), or one after the other.
// Device code: that of the gradients, shaders/gemm/gemm-subgroup-update.wgsl, shaders/sgd-sums.wgsl and joined-steps.wgsl; shaders/sum-pixels.wgsl and sgd.wgsl (textbook).
import type { TensorType } from "../graph/op.ts";
import * as ops from "../ops/update.ts";
import { sizeOf } from "../tensor/shape.ts";
import { conv2dBackwardFilter, geometry, products as convolutions } from "./conv2d.ts";
import { stridesOf, type CallOf, type Multiply } from "./gemm.ts";
import { matrixProduct } from "#matrix";
import { quadProduct } from "./gemm-quad.ts";
import { subgroupProduct, subgroupTunings } from "./gemm-subgroup.ts";
import { workgroupProduct, workgroupTunings } from "./gemm-workgroup.ts";
import { innerProductBackwardWeight, poorFallbacks, products as innerProducts } from "./inner-product.ts";
import { areTwoRanges } from "./joined-steps.ts";
import { bound, kernel, type Family, type Lowering } from "./kernel.ts";
import { sgd } from "./sgd.ts";
import { sumPixels } from "./sum-pixels.ts";

type Conv2d = CallOf<typeof ops.conv2dUpdate>;
type InnerProduct = CallOf<typeof ops.innerProductUpdate>;

const STATES = { values: ["w", "bias"], momenta: ["v", "biasV"] };

/** The update in the epilogue of the filter's gradient. Images in slices make several gradients, but one update takes their sum: null. */
const convolution =
  (multiply: Multiply) =>
  ({ inputs: { x, dy, w }, attributes, target, layouts, tuning, spanBytes }: Conv2d): Lowering | null => {
    const whole = geometry(x.shape, w.shape, dy.shape, attributes);
    const strides = stridesOf(whole, layouts?.["x"], layouts?.["dy"]);
    const cut = { inner: ["x"], outer: ["dy"] };
    const made = convolutions(multiply, { whole, strides }, target, tuning, {
      phase: "backward-filter",
      update: attributes,
      together: spanBytes !== undefined && areTwoRanges(spanBytes, STATES, target),
      ...cut,
      bind: {},
    });
    return made?.launches.some(({ slices }) => slices) ? null : made;
  };

/** The filter's gradient by a family, then the bias's, then both steps. */
const convolutionInTurn =
  (family: Family) =>
  (call: Conv2d): Lowering | null => {
    const { x, dy, w } = call.inputs;
    const [groups, kh, kw] = w.shape;
    const { stride, pad } = call.attributes;
    const attributes = { stride, pad, groups, kh, kw };
    const gradient = conv2dBackwardFilter[family]?.({ ...call, inputs: { x, dy }, outputs: { dfilter: w }, attributes });
    return gradient ? inTurn(call, family, gradient, "dfilter") : null;
  };

export const conv2dUpdate = kernel(ops.conv2dUpdate, {
  textbook: (call) => convolutionInTurn("textbook")(call) as Lowering,
  workgroup: (call) => convolution(workgroupProduct)(call) ?? convolutionInTurn("workgroup")(call),
  subgroup: (call) => convolution(subgroupProduct)(call) ?? convolutionInTurn("subgroup")(call),
  matrix: (call) => convolution(matrixProduct)(call),
  quad: (call) => convolution(quadProduct)(call) ?? convolutionInTurn("quad")(call),
  tunings: { workgroup: ({ target }) => workgroupTunings(target), subgroup: () => subgroupTunings("backward-filter") },
});

/** The update in the epilogue of the weight's gradient; a weight in slices has its bias updated with the first. */
const innerProduct =
  (multiply: Multiply) =>
  ({ inputs: { x, w }, attributes, target, tuning }: InnerProduct): Lowering | null =>
    innerProducts(multiply, { rows: x.shape[0], shape: w.shape, windowed: ["w", "v"], target, tuning }, ({ first }) => ({
      phase: "backward-filter",
      accumulate: false,
      update: attributes,
      withoutBias: first > 0,
      bind: {},
    }));

const innerProductInTurn =
  (family: Family) =>
  (call: InnerProduct): Lowering | null => {
    const { x, dy, w } = call.inputs;
    const gradient = innerProductBackwardWeight[family]?.({ ...call, inputs: { x, dy }, outputs: { dweight: w }, attributes: {} });
    return gradient ? inTurn(call, family, gradient, "dweight") : null;
  };

export const innerProductUpdate = kernel(ops.innerProductUpdate, {
  textbook: (call) => innerProductInTurn("textbook")(call) as Lowering,
  workgroup: (call) => innerProduct(workgroupProduct)(call) ?? innerProductInTurn("workgroup")(call),
  subgroup: (call) => innerProduct(subgroupProduct)(call) ?? innerProductInTurn("subgroup")(call),
  matrix: (call) => innerProduct(matrixProduct)(call),
  quad: (call) => innerProduct(quadProduct)(call) ?? innerProductInTurn("quad")(call),
  tunings: { workgroup: ({ target }) => workgroupTunings(target), subgroup: () => subgroupTunings("backward-filter") },
  poorFallbacks,
});

/** A weight's gradient in scratch memory, then its bias's, then a step of each. */
function inTurn(call: Conv2d | InnerProduct, family: Family, { launches, scratch }: Lowering, gradient: string): Lowering {
  const { inputs, attributes, layouts } = call;
  const { w, dy, bias } = inputs;
  const { momentum, decay, rateMultiplier, biasDecay, biasRateMultiplier } = attributes;
  const elementwise = family === "textbook" ? "textbook" : "vector";
  const dyLayout = layouts?.["dy"];
  const sum = sumPixels[elementwise]?.({
    target: call.target,
    label: call.label,
    inputs: { x: dy },
    outputs: { y: bias },
    attributes: {},
    ...(dyLayout && { layouts: { x: dyLayout } }),
  }) as Lowering;
  const step = (parameter: TensorType, attributes: Parameters<typeof sgd.textbook>[0]["attributes"]): Lowering =>
    sgd[elementwise]?.({
      target: call.target,
      label: call.label,
      attributes,
      outputs: {
        nextW: parameter,
        nextV: parameter,
      },
      inputs: {
        w: parameter,
        v: parameter,
        dw: parameter,
        rate: inputs.rate,
      },
    }) as Lowering;
  return {
    launches: [
      ...launches,
      ...bound(sum, { x: "dy", y: "dbias", partial: "sums" }).launches,
      ...bound(step(w, { momentum, decay, rateMultiplier }), { dw: gradient }).launches,
      ...bound(step(bias, { momentum, decay: biasDecay, rateMultiplier: biasRateMultiplier }), { w: "bias", v: "biasV", dw: "dbias" })
        .launches,
    ],
    scratch: {
      ...scratch,
      [gradient]: sizeOf(w.shape),
      dbias: sizeOf(bias.shape),
      ...(sum.scratch && { sums: sum.scratch["partial"] }),
    },
  };
}
