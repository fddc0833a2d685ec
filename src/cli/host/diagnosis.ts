// A description of this machine as a value: the doctor prints it, setup reads it from a child process.
import { existsSync } from "node:fs";
import { openEngine } from "../../engine/engine.ts";
import type { Engine } from "../../engine/engine.ts";
import { familiesFor } from "../../kernels/choose.ts";
import type { Family } from "../../kernels/kernel.ts";
import { adapterNames, openNodePlatform } from "../../platform/node.ts";
import { findChromium } from "./chromium.ts";

export interface AdapterFacts {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  /** The driver's description, with its version where it gives one. */
  readonly description: string;
  /** Computed by the CPU. */
  readonly software: boolean;
  /** 0 where the adapter does not say. */
  readonly subgroupMinSize: number;
  readonly subgroupMaxSize: number;
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

export interface SelfTestResult {
  readonly passed: boolean;
  /** One line: what was compared, and the largest error over its bound. */
  readonly summary: string;
}

/** Runs a few small kernels on the adapter and checks them against the float64 reference, in about a second. */
export type SelfTest = (engine: Engine) => Promise<SelfTestResult>;

export interface Remark {
  /** A problem keeps Striatum from computing; a note does not. */
  readonly kind: "problem" | "note";
  readonly what: string;
  readonly fix: string;
}

export interface Diagnosis {
  readonly ready: boolean;
  /** Runtime, WebGPU build and Dawn's toggles; null if Dawn does not open. */
  readonly host: Readonly<Record<string, string>> | null;
  readonly adapters: readonly string[];
  readonly adapter: AdapterFacts | null;
  /** Families of kernels in the order in which the engine tries them here; empty if it cannot open the adapter. */
  readonly kernels: readonly Family[];
  readonly selfTest: SelfTestResult | null;
  readonly remarks: readonly Remark[];
}

/** Examines the machine. Problems become remarks instead of rejections. */
export async function diagnose(selfTest?: SelfTest): Promise<Diagnosis> {
  const remarks: Remark[] = [];
  /** Null, with a remark, if `work` rejects. */
  const attempt = async <T>(what: string, work: Promise<T>): Promise<T | null> =>
    work.catch((error: unknown) => {
      remarks.push({ kind: "problem", what, fix: error instanceof Error ? error.message : String(error) });
      return null;
    });

  const platform = await attempt("Dawn does not open", openNodePlatform());
  if (!platform) return { ready: false, host: null, adapters: [], adapter: null, kernels: [], selfTest: null, remarks };
  const found = await attempt("Dawn refuses the requested adapter", platform.gpu.requestAdapter({ powerPreference: "high-performance" }));
  const adapter = found && adapterFacts(found);
  const adapters = await adapterNames();
  if (adapter) remarks.push(...adapterRemarks(adapter, adapters));
  else if (remarks.length === 0) remarks.push({ kind: "problem", what: "no adapter", fix: platform.adapterAdvice });
  if (!findChromium())
    remarks.push({ kind: "note", what: "Chromium was not found: the browser tests are skipped", fix: "npm run setup -- --browser" });

  const engine = adapter && (await attempt("the adapter opens no device", openEngine(platform)));
  const selfTestResult = engine && selfTest ? await attempt("the self-test did not finish", selfTest(engine)) : null;
  if (selfTestResult && !selfTestResult.passed)
    remarks.push({
      kind: "problem",
      what: "the self-test failed",
      fix: "this driver computes wrongly: update it, or choose another adapter",
    });
  engine?.dispose();
  return {
    ready: !remarks.some((remark) => remark.kind === "problem"),
    host: platform.host,
    adapters,
    adapter,
    kernels: engine ? familiesFor(engine.target) : [],
    selfTest: selfTestResult,
    remarks,
  };
}

function adapterFacts(adapter: GPUAdapter): AdapterFacts {
  const { info } = adapter;
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value: unknown = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === "number") limits[name] = value;
  }
  return {
    vendor: info.vendor,
    architecture: info.architecture,
    device: info.device,
    description: info.description,
    software: info.isFallbackAdapter,
    subgroupMinSize: info.subgroupMinSize ?? 0,
    subgroupMaxSize: info.subgroupMaxSize ?? 0,
    features: [...adapter.features].sort((a, b) => a.localeCompare(b)),
    limits,
  };
}

/** AlexNet's largest weight, fc6: 4096 x 9216 float32. */
const FC6_BYTES = 4096 * 9216 * 4;

function adapterRemarks(adapter: AdapterFacts, adapters: readonly string[]): Remark[] {
  const remarks: Remark[] = [];
  const note = (what: string, fix: string): number => remarks.push({ kind: "note", what, fix });
  if (adapter.device === "null-backend")
    remarks.push({ kind: "problem", what: "Dawn's null back end computes nothing", fix: "unset backend=null in STRIATUM_DAWN" });
  if (adapters.length > 1) {
    note(
      `${adapters.length} adapters were found: ${adapters.join("; ")}`,
      "STRIATUM_DAWN=adapter=TEXT selects the one whose name contains TEXT" +
        (process.env.CUDA_VISIBLE_DEVICES ? "; Vulkan ignores CUDA_VISIBLE_DEVICES" : ""),
    );
  }
  if (adapter.software) note("a software adapter: results are right, but training is slow", "to use a GPU, install its Vulkan driver");
  if (adapter.software && existsSync("/proc/driver/nvidia"))
    note(
      "an NVIDIA card is here, but Vulkan does not see it",
      "install libnvidia-gl beside the driver; in a container set NVIDIA_DRIVER_CAPABILITIES=all",
    );
  if (!adapter.features.includes("subgroups")) note("no subgroups", "workgroup tiles are used instead");
  if (!adapter.features.includes("shader-f16"))
    note("no shader-f16: half storage is off", adapter.vendor === "nvidia" ? "STRIATUM_DAWN=vulkan_enable_f16_on_nvidia" : "nothing to do");
  if (!adapter.features.includes("timestamp-query")) note("no timestamp-query", "the profiler measures by the host's clock");
  if (adapter.limits.maxStorageBufferBindingSize < FC6_BYTES)
    note("a binding holds less than AlexNet's fc6 weight (144 MiB)", "nothing to do: its kernels run in windows");
  return remarks;
}
