// The kernel of every op, by name. The type demands one for each op that is launched: an op without a kernel does not compile. Those of ops that
// neither AlexNet nor GoogLeNet has are in further.ts.
import type { Op } from "../graph/op.ts";
import type { OpName, ops } from "../ops/index.ts";
import { accumulate, add } from "./add.ts";
import { averagePool, averagePoolBackward } from "./average-pool.ts";
import { channelsFirst, channelsLast } from "./channels.ts";
import { concat, slice } from "./concat.ts";
import { constant } from "./constant.ts";
import { conv2d, conv2dBackwardData, conv2dBackwardFilter } from "./conv2d.ts";
import { countFinite } from "./count-finite.ts";
import { cropImages } from "./crop-images.ts";
import { dropout } from "./dropout.ts";
import { inception, inceptionBackwardData, inceptionUpdate } from "./inception.ts";
import { innerProduct, innerProductBackwardData, innerProductBackwardWeight } from "./inner-product.ts";
import type { furtherKernels } from "./further.ts";
import type { Kernel } from "./kernel.ts";
import { lossScale, nextLossScale, peak, scaledRate } from "./loss-scale.ts";
import { lrnMaxPool, lrnMaxPoolBackward } from "./lrn-max-pool.ts";
import { lrn, lrnBackward } from "./lrn.ts";
import { maxPoolBackwardWinners, maxPoolWinners } from "./max-pool-winners.ts";
import { maxPool, maxPoolBackward } from "./max-pool.ts";
import { randomFill } from "./random-fill.ts";
import { relu, reluBackward } from "./relu.ts";
import { sgd } from "./sgd.ts";
import { softmaxLossGradient } from "./softmax-loss-gradient.ts";
import { softmaxLoss, softmaxLossBackward } from "./softmax-loss.ts";
import { softmax, softmaxBackward } from "./softmax.ts";
import { sumPixels } from "./sum-pixels.ts";
import { topK } from "./top-k.ts";
import { conv2dUpdate, innerProductUpdate } from "./update.ts";

/** Ops that are launched: all but those whose output is their input's memory. */
export type KernelName = { [N in OpName]: (typeof ops)[N] extends { readonly alias: true } ? never : N }[OpName];

type KernelOf<O> = O extends Op<infer P, infer Q, infer A> ? Kernel<P, Q, A> : never;

type Kernels<N extends KernelName> = { readonly [K in N]: KernelOf<(typeof ops)[K]> };
export type AllKernels = Kernels<KernelName>;

export const kernels: Kernels<Exclude<KernelName, keyof typeof furtherKernels>> = {
  accumulate,
  add,
  averagePool,
  averagePoolBackward,
  channelsFirst,
  channelsLast,
  concat,
  constant,
  conv2d,
  conv2dBackwardData,
  conv2dBackwardFilter,
  conv2dUpdate,
  countFinite,
  cropImages,
  dropout,
  inception,
  inceptionBackwardData,
  inceptionUpdate,
  innerProduct,
  innerProductBackwardData,
  innerProductBackwardWeight,
  innerProductUpdate,
  lossScale,
  lrn,
  lrnBackward,
  lrnMaxPool,
  lrnMaxPoolBackward,
  maxPool,
  maxPoolBackward,
  maxPoolBackwardWinners,
  maxPoolWinners,
  nextLossScale,
  peak,
  randomFill,
  relu,
  reluBackward,
  scaledRate,
  sgd,
  slice,
  softmax,
  softmaxBackward,
  softmaxLoss,
  softmaxLossBackward,
  softmaxLossGradient,
  sumPixels,
  topK,
};
