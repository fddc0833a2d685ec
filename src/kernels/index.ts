// The kernel of every op, by name.
import { accumulate, add } from "./add.ts";
import { constant } from "./constant.ts";
import type { Kernel } from "./kernel.ts";
import { lrn, lrnBackward } from "./lrn.ts";
import { relu, reluBackward } from "./relu.ts";

export const kernels: Readonly<Record<string, Kernel>> = { accumulate, add, constant, lrn, lrnBackward, relu, reluBackward };
