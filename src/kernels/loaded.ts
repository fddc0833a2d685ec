// The kernels that are loaded: at first those of AlexNet and GoogLeNet, all once others are wanted.
import { kernels } from "./index.ts";
import type { Kernel } from "./kernel.ts";

export const loadedKernels: Record<string, Kernel> = { ...kernels };

export async function loadAllKernels(): Promise<void> {
  Object.assign(loadedKernels, (await import("./all.ts")).allKernels);
}
