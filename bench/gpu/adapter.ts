// Prints the adapter before the long steps: one line on stdout, all its properties in a JSON file.
// usage: adapter.ts FILE [--software]. Exits with 2 without an adapter, or with only a software adapter and without --software.
import { openNodePlatform } from "../../src/platform/node.ts";

const NO_ADAPTER = 2;

/** Properties that Dawn reports with allow_unsafe_apis and that the types lack. */
interface MatrixInfo {
  readonly subgroupMatrixConfigs?: readonly {
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }[];
}

const [file, ...flags] = process.argv.slice(2);
const platform = await openNodePlatform();
const adapter = await platform.gpu.requestAdapter({ powerPreference: "high-performance" });
if (!adapter) {
  process.stdout.write("adapter: none. With VK_LOADER_DEBUG=error,driver in the environment the Vulkan loader prints what it tries\n");
  process.exit(NO_ADAPTER);
}

const { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize, isFallbackAdapter } = adapter.info;
const matrices = ((adapter.info as MatrixInfo).subgroupMatrixConfigs ?? []).map(
  ({ componentType, resultComponentType, M, N, K }) => `${componentType} to ${resultComponentType} ${M}x${N}x${K}`,
);
const features = [...adapter.features].sort();
const limits: Record<string, number> = {};
for (const name in adapter.limits) {
  const value: unknown = adapter.limits[name as keyof GPUSupportedLimits];
  if (typeof value === "number") limits[name] = value;
}

const info = { vendor, architecture, device, description, subgroupMinSize, subgroupMaxSize, software: isFallbackAdapter };
await platform.files.write(file, `${JSON.stringify({ ...info, matrices, features, limits, host: platform.host }, null, 2)}\n`);

const software = isFallbackAdapter ? "SOFTWARE: the CPU computes" : "GPU";
const told = [
  `adapter: ${[vendor, architecture, device].filter(Boolean).join(" / ")}`,
  description,
  software,
  `subgroups ${subgroupMinSize} to ${subgroupMaxSize}`,
  `binding ${limits["maxStorageBufferBindingSize"] / 2 ** 20} MiB`,
  `shader-f16 ${features.includes("shader-f16") ? "yes" : "no"}`,
  `timestamps ${features.includes("timestamp-query") ? "yes" : "no"}`,
  `subgroup matrices ${matrices.length === 0 ? "none" : matrices.join(", ")}`,
];
process.stdout.write(`${told.join("; ")}\n`);
if (isFallbackAdapter && !flags.includes("--software")) process.exitCode = NO_ADAPTER;
