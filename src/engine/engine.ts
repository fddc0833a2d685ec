// The engine is one device: its limits as a Target, its compiled pipelines, its errors. Everything that holds a GPU object starts here.
import type { Target } from "../kernels/kernel.ts";
import { UnknownShader, type Platform } from "../platform/platform.ts";
import { TryAgain } from "../platform/try-again.ts";
import type { Halves } from "./halves.ts";
import { link, variantName, type LinkedShader, type Variant } from "./linker.ts";

/** The GPU's device is gone, with all that was in its memory: its driver was reset, or the machine took it away. */
export class DeviceLost extends TryAgain {}

export interface EngineOptions {
  /** Ask for timestamp queries, which profiling needs. Default true where the adapter has them. */
  readonly timestamps?: boolean;
  /** Default "high-performance". */
  readonly powerPreference?: GPUPowerPreference;
  /** Ask for the host's software adapter. Default false. */
  readonly forceFallbackAdapter?: boolean;
}

export interface CompiledShader {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** Opens the platform's adapter with all of its limits; throws with advice where there is none. */
export async function openEngine(platform: Platform, options: EngineOptions = {}): Promise<Engine> {
  const { timestamps = true, powerPreference = "high-performance", forceFallbackAdapter = false } = options;
  const adapter = await platform.gpu.requestAdapter({ powerPreference, ...(forceFallbackAdapter && { forceFallbackAdapter }) });
  if (!adapter) throw new Error(platform.adapterAdvice);
  // Subgroup matrices are Dawn's own and experimental: there only with the toggle allow_unsafe_apis.
  const wanted = ["subgroups", "shader-f16", "chromium-experimental-subgroup-matrix", ...(timestamps ? ["timestamp-query"] : [])];
  const { limits } = adapter;
  const device = await adapter.requestDevice({
    label: "striatum",
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)) as GPUFeatureName[],
    // The defaults are 8 storage buffers a stage and 128 MiB a binding: ask for what there is.
    requiredLimits: {
      maxBufferSize: limits.maxBufferSize,
      maxStorageBufferBindingSize: limits.maxStorageBufferBindingSize,
      maxStorageBuffersPerShaderStage: limits.maxStorageBuffersPerShaderStage ?? 8,
      maxComputeWorkgroupStorageSize: limits.maxComputeWorkgroupStorageSize,
      maxComputeInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
      maxComputeWorkgroupSizeX: limits.maxComputeWorkgroupSizeX,
    },
  });
  return new Engine(platform, device, adapter.info);
}

/** Computes on a device that a program has opened itself. `dispose` frees what was made on it and leaves the device open. */
export const adoptEngine = (platform: Platform, device: GPUDevice): Engine =>
  new Engine(platform, device, device.adapterInfo ?? {}, { owned: false });

/** Limits that matter to kernels, as granted to a device. */
function targetOf(device: GPUDevice, info: GPUAdapterInfo): Target {
  const { limits } = device;
  const configs = device.features.has("chromium-experimental-subgroup-matrix") ? ((info as MatrixInfo).subgroupMatrixConfigs ?? []) : [];
  const matrices = configs.find(({ componentType, resultComponentType }) => componentType === "f16" && resultComponentType === "f32");
  const uniform = info.subgroupMinSize === info.subgroupMaxSize && device.features.has("subgroups");
  return {
    maxBindingBytes: limits.maxStorageBufferBindingSize,
    offsetAlignment: limits.minStorageBufferOffsetAlignment,
    maxWorkgroupsPerDimension: limits.maxComputeWorkgroupsPerDimension,
    maxInvocationsPerWorkgroup: limits.maxComputeInvocationsPerWorkgroup,
    workgroupMemoryBytes: limits.maxComputeWorkgroupStorageSize,
    subgroupSize: uniform ? (info.subgroupMinSize ?? 0) : 0,
    cpu: info.isFallbackAdapter || info.architecture === "software",
    ...(matrices && { subgroupMatrix: { M: matrices.M, N: matrices.N, K: matrices.K } }),
  };
}

/** What Dawn's experimental subgroup matrices add to an adapter's information. */
interface MatrixInfo {
  readonly subgroupMatrixConfigs?: readonly {
    readonly componentType: string;
    readonly resultComponentType: string;
    readonly M: number;
    readonly N: number;
    readonly K: number;
  }[];
}

export class Engine {
  readonly platform: Platform;
  readonly device: GPUDevice;
  readonly info: GPUAdapterInfo;
  readonly target: Target;
  readonly #errors: string[] = [];
  readonly #shaders = new Map<string, LinkedShader>();
  readonly #compiled = new Map<string, Promise<CompiledShader>>();
  readonly #layouts = new Map<string, GPUBindGroupLayout>();
  #lost: string | null = null;
  /** Whether `dispose` was called: what follows is no loss. */
  disposed = false;
  #halves: Halves | undefined;
  readonly #owned: boolean;
  readonly #buffers = new Set<GPUBuffer>();

  /** owned: `dispose` destroys the device. */
  constructor(platform: Platform, device: GPUDevice, info: GPUAdapterInfo, { owned = true }: { readonly owned?: boolean } = {}) {
    this.#owned = owned;
    this.platform = platform;
    this.device = device;
    this.info = info;
    this.target = targetOf(device, info);
    device.addEventListener("uncapturederror", (event) => this.#errors.push(event.error.message));
    // After a loss almost nothing throws: the flag is what `check` reads.
    void device.lost.then(({ reason, message }) => (this.#lost = reason === "destroyed" ? "it was destroyed" : message || reason));
  }

  /** "llvmpipe (mesa software)": for results and logs. */
  get adapterName(): string {
    const { vendor, architecture, device, description } = this.info;
    return `${description || device || "adapter"} (${[vendor, architecture].filter(Boolean).join(" ")})`;
  }

  /** Throws if the device is lost or anything it was asked to do was refused: no result may be believed after that. */
  check(): void {
    if (this.disposed) throw new Error("the GPU device was disposed of");
    if (this.#lost !== null) throw new DeviceLost(`the GPU device was lost (${this.#lost})`);
    if (this.#errors.length > 0) throw new Error(`internal: the GPU refused a command\n  ${this.#errors.splice(0).join("\n  ")}`);
  }

  /** Resolves when `halves` is there. */
  async loadHalves(): Promise<void> {
    this.#halves ??= await import("./halves.ts");
  }

  /** What storage in 16 bits takes. */
  halves(): Halves {
    if (!this.#halves) throw new Error("internal: storage in 16 bits was asked for before it was loaded");
    return this.#halves;
  }

  /** A shader's linked text for a variant, made once. */
  shader(file: string, variant: Variant): LinkedShader {
    const key = variantName(file, variant);
    const known = this.#shaders.get(key);
    if (known) return known;
    const made = link(file, variant, (name) => this.platform.shader(name), this.#halves);
    this.#shaders.set(key, made);
    return made;
  }

  /** What `work` returns, which links shaders. Where it asks for one that a browser has not yet fetched, all are fetched, and `work` runs again. */
  async withShaders<T>(work: () => T): Promise<T> {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof UnknownShader)) throw error;
      await this.platform.loadShaders();
      return work();
    }
  }

  /** A shader's pipeline, compiled once. */
  compile(shader: LinkedShader): Promise<CompiledShader> {
    const known = this.#compiled.get(shader.name);
    if (known) return known;
    const compiling = this.#compile(shader);
    this.#compiled.set(shader.name, compiling);
    return compiling;
  }

  /** How many pipelines were compiled so far. */
  get pipelineCount(): number {
    return this.#compiled.size;
  }

  async #compile(shader: LinkedShader): Promise<CompiledShader> {
    const layout = this.#layout(shader);
    const module = this.device.createShaderModule({ label: shader.name, code: shader.code });
    try {
      const pipeline = await this.device.createComputePipelineAsync({
        label: shader.name,
        layout: this.device.createPipelineLayout({ label: shader.name, bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main" },
      });
      return { pipeline, layout };
    } catch (error) {
      // The pipeline's own message only says "Invalid ShaderModule": the cause is in the module's messages.
      const { messages } = await module.getCompilationInfo();
      const causes = messages.map(({ lineNum, linePos, message }) => {
        const { file, line } = shader.origin(lineNum);
        return `\n  shaders/${file}:${line}:${linePos}: ${message}`;
      });
      throw new Error(`internal: ${shader.name} does not compile${causes.join("") || `: ${String(error)}`}`, { cause: error });
    }
  }

  #layout({ bindings }: LinkedShader): GPUBindGroupLayout {
    const key = bindings.map(({ binding, access }) => `${binding}:${access}`).join(",");
    const known = this.#layouts.get(key);
    if (known) return known;
    const layout = this.device.createBindGroupLayout({
      label: key,
      entries: bindings.map(({ binding, access }) => ({
        binding,
        visibility: GPU_SHADER_STAGE_COMPUTE,
        buffer: { type: access === "uniform" ? "uniform" : access === "read" ? "read-only-storage" : "storage" },
      })),
    });
    this.#layouts.set(key, layout);
    return layout;
  }

  /** Makes a buffer that counts as memory in use until `free`. */
  createBuffer(label: string, size: number, usage: number): GPUBuffer {
    const buffer = this.device.createBuffer({ label, size, usage });
    this.#buffers.add(buffer);
    return buffer;
  }

  /** Destroys buffers of `createBuffer` once what was submitted is done. */
  free(buffers: Iterable<GPUBuffer>): void {
    for (const buffer of buffers) {
      this.#buffers.delete(buffer);
      buffer.destroy();
    }
  }

  /** Buffers of `createBuffer` that are not freed. */
  get buffers(): ReadonlySet<GPUBuffer> {
    return this.#buffers;
  }

  /** Resolves when everything submitted so far is done; throws what went wrong. */
  async idle(): Promise<void> {
    await this.platform.wait(this.device.queue.onSubmittedWorkDone());
    this.check();
  }

  dispose(): void {
    this.disposed = true;
    this.free([...this.#buffers]);
    if (this.#owned) this.device.destroy();
  }
}

const GPU_SHADER_STAGE_COMPUTE = 4;
