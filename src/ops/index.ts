// Every op of the project, by name. A kernel for each is demanded by the type of src/kernels/index.ts.
import { accumulate, add } from "./add.ts";
import { averagePool, averagePoolBackward } from "./average-pool.ts";
import { channelsFirst, channelsLast } from "./channels.ts";
import { concat, slice } from "./concat.ts";
import { constant } from "./constant.ts";
import { conv2d, conv2dBackwardData, conv2dBackwardFilter, sumPixels } from "./conv2d.ts";
import { countFinite } from "./count-finite.ts";
import { cropImages } from "./crop-images.ts";
import { dropout } from "./dropout.ts";
import { inception, inceptionBackwardData, inceptionUpdate } from "./inception.ts";
import { innerProduct, innerProductBackwardData, innerProductBackwardWeight } from "./inner-product.ts";
import { lossScale, nextLossScale, peak, scaledRate } from "./loss-scale.ts";
import { lrnMaxPool, lrnMaxPoolBackward } from "./lrn-max-pool.ts";
import { lrn, lrnBackward } from "./lrn.ts";
import { maxPoolBackwardWinners, maxPoolWinners } from "./max-pool-winners.ts";
import { maxPool, maxPoolBackward } from "./max-pool.ts";
import { randomFill } from "./random-fill.ts";
import { relu, reluBackward } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { sgd } from "./sgd.ts";
import { softmaxLossGradient } from "./softmax-loss-gradient.ts";
import { softmaxLoss, softmaxLossBackward } from "./softmax-loss.ts";
import { softmax, softmaxBackward } from "./softmax.ts";
import { topK } from "./top-k.ts";
import { conv2dUpdate, innerProductUpdate } from "./update.ts";

export const ops = {
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
  reshape,
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

export type OpName = keyof typeof ops;
