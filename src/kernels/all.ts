// The kernels of all ops: for tests, the tuner and the commands that list them.
import { furtherKernels } from "./further.ts";
import { kernels, type AllKernels } from "./index.ts";

export const allKernels: AllKernels = { ...kernels, ...furtherKernels };
