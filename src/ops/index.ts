// Every op of the project, by name. A kernel for each is demanded by the type of src/kernels/index.ts.
import { activation, activationBackward } from "./activation.ts";
import { accumulate, add } from "./add.ts";
import { averagePool, averagePoolBackward } from "./average-pool.ts";
import { repeat, sumAxis } from "./axis.ts";
import { batchNorm, batchNormBackward, movingAverage, normFactors } from "./batch-norm.ts";
import { channelsFirst, channelsLast } from "./channels.ts";
import { concat, slice } from "./concat.ts";
import { constant } from "./constant.ts";
import { conv2d, conv2dBackwardData, conv2dBackwardFilter, sumPixels } from "./conv2d.ts";
import { countFinite } from "./count-finite.ts";
import { cropImages } from "./crop-images.ts";
import { depthwise, depthwiseBackwardData, depthwiseBackwardFilter } from "./depthwise.ts";
import { dropout } from "./dropout.ts";
import { inception, inceptionBackwardData, inceptionUpdate } from "./inception.ts";
import { innerProduct, innerProductBackwardData, innerProductBackwardWeight } from "./inner-product.ts";
import { logSoftmax, logSoftmaxBackward } from "./log-softmax.ts";
import { lossScale, nextLossScale, peak, scaledRate } from "./loss-scale.ts";
import { lrnMaxPool, lrnMaxPoolBackward } from "./lrn-max-pool.ts";
import { lrn, lrnBackward } from "./lrn.ts";
import { maxPoolBackwardWinners, maxPoolWinners } from "./max-pool-winners.ts";
import { maxPool, maxPoolBackward } from "./max-pool.ts";
import { maxWindows, maxWindowsBackward } from "./max-windows.ts";
import { meanWindows, meanWindowsBackward } from "./mean-windows.ts";
import { multiply } from "./multiply.ts";
import { pad } from "./pad.ts";
import { patches, patchesBackward } from "./patches.ts";
import { permute } from "./permute.ts";
import { randomFill } from "./random-fill.ts";
import { relu, reluBackward } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { scaleFilter, scaleShift, sumProducts } from "./scale-shift.ts";
import { sgd } from "./sgd.ts";
import { softmaxLossGradient } from "./softmax-loss-gradient.ts";
import { softmaxLoss, softmaxLossBackward } from "./softmax-loss.ts";
import { softmax, softmaxBackward } from "./softmax.ts";
import { topK } from "./top-k.ts";
import { conv2dUpdate, innerProductUpdate } from "./update.ts";

export const ops = {
  accumulate,
  activation,
  activationBackward,
  add,
  averagePool,
  averagePoolBackward,
  batchNorm,
  batchNormBackward,
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
  depthwise,
  depthwiseBackwardData,
  depthwiseBackwardFilter,
  dropout,
  inception,
  inceptionBackwardData,
  inceptionUpdate,
  innerProduct,
  innerProductBackwardData,
  innerProductBackwardWeight,
  innerProductUpdate,
  logSoftmax,
  logSoftmaxBackward,
  lossScale,
  lrn,
  lrnBackward,
  lrnMaxPool,
  lrnMaxPoolBackward,
  maxPool,
  maxPoolBackward,
  maxPoolBackwardWinners,
  maxPoolWinners,
  maxWindows,
  maxWindowsBackward,
  meanWindows,
  meanWindowsBackward,
  movingAverage,
  multiply,
  nextLossScale,
  normFactors,
  pad,
  patches,
  patchesBackward,
  peak,
  permute,
  randomFill,
  relu,
  reluBackward,
  repeat,
  reshape,
  scaledRate,
  scaleFilter,
  scaleShift,
  sgd,
  slice,
  softmax,
  softmaxBackward,
  softmaxLoss,
  softmaxLossBackward,
  softmaxLossGradient,
  sumAxis,
  sumPixels,
  sumProducts,
  topK,
};

export type OpName = keyof typeof ops;
