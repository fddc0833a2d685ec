// Kernels of ops that neither AlexNet nor GoogLeNet has: what appends such ops adds them (loaded.ts), so that other pages need not load them.
import { activation, activationBackward } from "./activation.ts";
import { repeat, sumAxis } from "./axis.ts";
import { batchNorm, batchNormBackward, movingAverage, normFactors } from "./batch-norm.ts";
import { depthwise, depthwiseBackwardData, depthwiseBackwardFilter } from "./depthwise.ts";
import { logSoftmax, logSoftmaxBackward } from "./log-softmax.ts";
import { maxWindows, maxWindowsBackward } from "./max-windows.ts";
import { meanWindows, meanWindowsBackward } from "./mean-windows.ts";
import { multiply } from "./multiply.ts";
import { pad } from "./pad.ts";
import { patches, patchesBackward } from "./patches.ts";
import { permute } from "./permute.ts";
import { scaleFilter, scaleShift, sumProducts } from "./scale-shift.ts";

export const furtherKernels = {
  activation,
  activationBackward,
  batchNorm,
  batchNormBackward,
  depthwise,
  depthwiseBackwardData,
  depthwiseBackwardFilter,
  logSoftmax,
  logSoftmaxBackward,
  maxWindows,
  maxWindowsBackward,
  meanWindows,
  meanWindowsBackward,
  movingAverage,
  multiply,
  normFactors,
  pad,
  patches,
  patchesBackward,
  permute,
  repeat,
  scaleFilter,
  scaleShift,
  sumAxis,
  sumProducts,
};
