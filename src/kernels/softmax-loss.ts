// How softmax loss is launched. Device code: shaders/softmax-loss.wgsl and sum.wgsl, shaders/softmax-loss-backward.wgsl.
import * as ops from "../ops/softmax-loss.ts";
import { kernel } from "./kernel.ts";
import { byRows, NAN_BITS, overRows, sum } from "./rows.ts";

export const softmaxLoss = kernel(
  ops.softmaxLoss,
  byRows("x", ({ inputs: { x }, attributes: { weight }, target }, lanes) => {
    const [rows] = x.shape;
    const byRow = { shader: "softmax-loss.wgsl", wide: ["x"], narrow: ["labels", "losses"], dims: { nan: NAN_BITS }, flops: 3 };
    return { scratch: { losses: rows }, launches: [...overRows(byRow, x, lanes, target), sum("losses", "loss", rows, weight / rows)] };
  }),
);

export const softmaxLossBackward = kernel(
  ops.softmaxLossBackward,
  byRows("x", ({ inputs: { x }, attributes: { weight }, target }, lanes) => {
    const dims = { scale: weight / x.shape[0] };
    return {
      launches: overRows({ shader: "softmax-loss-backward.wgsl", wide: ["x", "dx"], narrow: ["labels"], dims, flops: 6 }, x, lanes, target),
    };
  }),
);
