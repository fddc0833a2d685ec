// The kernels that graphs are lowered with: those of AlexNet and GoogLeNet, and what is added. A page that uses no others does not load them.
import { kernels } from "./index.ts";
import type { Kernel } from "./kernel.ts";

export const loadedKernels: Record<string, Kernel> = { ...kernels };

/** Adds kernels of further ops, by name: whatever appends such ops to graphs does. */
export function addKernels(more: Readonly<Record<string, Kernel>>): void {
  Object.assign(loadedKernels, more);
}
