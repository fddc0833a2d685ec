// Every op of the house, by name. A kernel for each is demanded by the type of src/kernels/index.ts.
import { accumulate, add } from "./add.ts";
import { constant } from "./constant.ts";
import { conv2d, conv2dBackwardData, conv2dBackwardFilter, sumPixels } from "./conv2d.ts";
import { lrn, lrnBackward } from "./lrn.ts";
import { relu, reluBackward } from "./relu.ts";

export const ops = {
  accumulate,
  add,
  constant,
  conv2d,
  conv2dBackwardData,
  conv2dBackwardFilter,
  lrn,
  lrnBackward,
  relu,
  reluBackward,
  sumPixels,
};

export type OpName = keyof typeof ops;
