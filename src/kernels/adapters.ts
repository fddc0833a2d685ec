// Adapters by their documented limits: what plans, bundles and tests choose kernels for where there is no such adapter.
import type { Target } from "./kernel.ts";

/** WebGPU's default limits, on an adapter without subgroups. */
export const DEFAULT_LIMITS: Target = {
  maxBindingBytes: 2 ** 27,
  offsetAlignment: 256,
  maxWorkgroupsPerDimension: 65_535,
  maxInvocationsPerWorkgroup: 256,
  workgroupMemoryBytes: 16_384,
  subgroupSize: 0,
  cpu: false,
};

/** Adapters of the kinds between which the default choice of kernels differs: GPUs and processors, small limits and large. */
export const ADAPTERS: Readonly<Record<string, Target>> = {
  "WebGPU's default limits": DEFAULT_LIMITS,
  "a GPU with subgroups of 32": {
    ...DEFAULT_LIMITS,
    subgroupSize: 32,
    maxInvocationsPerWorkgroup: 1024,
    workgroupMemoryBytes: 49_152,
    maxBindingBytes: 2 ** 31,
  },
  "a processor without subgroups": { ...DEFAULT_LIMITS, cpu: true },
  lavapipe: {
    ...DEFAULT_LIMITS,
    subgroupSize: 8,
    cpu: true,
    maxInvocationsPerWorkgroup: 1024,
    workgroupMemoryBytes: 32_768,
    offsetAlignment: 16,
  },
  SwiftShader: { ...DEFAULT_LIMITS, subgroupSize: 4, cpu: true, workgroupMemoryBytes: 32_768, maxBindingBytes: 2 ** 30 },
};
