// The kernel of every op, by name.
import { accumulate, add } from "./add.ts";
import { constant } from "./constant.ts";
import { conv2d, conv2dBackwardData, conv2dBackwardFilter } from "./conv2d.ts";
import { innerProduct, innerProductBackwardData, innerProductBackwardWeight } from "./inner-product.ts";
import type { Kernel } from "./kernel.ts";
import { lrn, lrnBackward } from "./lrn.ts";
import { relu, reluBackward } from "./relu.ts";
import { sumPixels } from "./sum-pixels.ts";

export const kernels: Readonly<Record<string, Kernel>> = {
  accumulate,
  add,
  constant,
  conv2d,
  conv2dBackwardData,
  conv2dBackwardFilter,
  innerProduct,
  innerProductBackwardData,
  innerProductBackwardWeight,
  lrn,
  lrnBackward,
  relu,
  reluBackward,
  sumPixels,
};
