// A device: one GPU, or a processor that plays one, and everything that was made on it.
import { adoptEngine, openEngine, type Engine } from "../engine/engine.ts";
import type { SessionOptions } from "../engine/session.ts";
import type { RunTuning } from "../engine/tuning-table.ts";
import { hostPlatform, type Source } from "./host.ts";

/**
 * Ways to compute a layer. `textbook` reads like the formula and exists for every layer; `vector` does the same on four channels at once; `workgroup`
 * tiles through workgroup memory; `subgroup` keeps the tile in registers; `quad` does so for software adapters with four lanes; `winograd` multiplies less and
 * rounds more; `matrix` multiplies in 16 bits on an adapter's matrix units. Layers that have no such kernel on an adapter are computed by `textbook`.
 */
export type KernelFamily = "textbook" | "vector" | "workgroup" | "subgroup" | "quad" | "winograd" | "matrix";

/** Options of `openDevice`. */
export interface DeviceOptions {
  /** In Node a part of an adapter's name, for example "llvmpipe"; "auto" leaves the choice to the host. A browser accepts "auto" alone. Default "auto". */
  readonly adapter?: string;
  /** Which adapter the host should choose where it has several. Default "high-performance". */
  readonly powerPreference?: "high-performance" | "low-power";
  /** Whether the host's software adapter is demanded. Default false. */
  readonly forceFallbackAdapter?: boolean;
  /** A GPUDevice of the program's own to compute on; disposing then leaves it open. It excludes the options that choose an adapter. */
  readonly device?: WebGpuDevice;
  /** Whether timestamp queries are demanded, which `profile` needs. Default false. */
  readonly timestamps?: boolean;
  /** Kernel family to prefer. Default: what suits the adapter. */
  readonly kernels?: KernelFamily;
  /** A table that `npx striatum tune` wrote, to choose kernels by. The same seed and the same table give the same bits. Default: none. */
  readonly tuningTable?: Source;
}

/** What the library itself uses of a device; no part of the public interface. */
export interface DeviceInternals {
  readonly engine: Engine;
  /** What kernels are chosen by, if it was given. */
  readonly tuning: RunTuning | null;
  readonly sessionOptions: Pick<SessionOptions, "families" | "tuned">;
}

/** GPUDevice, from TypeScript's DOM library (6 and later) or from @webgpu/types, whichever the program has; unknown where it has neither. */
export type WebGpuDevice = typeof globalThis extends { GPUDevice: { prototype: infer T } } ? T : unknown;

/** GPUBuffer, found as `WebGpuDevice` is. */
export type WebGpuBuffer = typeof globalThis extends { GPUBuffer: { prototype: infer T } } ? T : unknown;

/** Why a device cannot be used any more. */
export interface DeviceLoss {
  /** "destroyed" after `dispose`; "unknown" where the driver was reset or the GPU went away. */
  readonly reason: "destroyed" | "unknown";
  /** The driver's own words, for a log. */
  readonly message: string;
}

/** What a device is and what it can do, as plain JSON. */
export interface DeviceDescription {
  /** Name of the adapter, for example "llvmpipe (mesa software)". */
  readonly adapter: string;
  /** What the adapter says of itself; parts that it does not say are empty. */
  readonly info: { readonly vendor: string; readonly architecture: string; readonly device: string; readonly description: string };
  /** WebGPU features that it was opened with. */
  readonly features: readonly string[];
  /** WebGPU limits that it was opened with, by name. */
  readonly limits: Readonly<Record<string, number>>;
  /** Lanes of every subgroup; 0 where there are none or their number varies. */
  readonly subgroupSize: number;
  /** Runtime and WebGPU build, by name. */
  readonly host: Readonly<Record<string, string>>;
}

/** Memory that was taken on a device. Buffers that only carry values back are not counted. */
export interface DeviceMemory {
  /** Bytes of all buffers. */
  readonly bytes: number;
  /** Number of buffers. */
  readonly buffers: number;
  /** Bytes by use: "states" (parameters, momenta, means), "arena" (values of a step), "input", "mark" and others. */
  readonly byUse: Readonly<Record<string, number>>;
}

/** An open GPU. `openDevice` makes it, and networks are loaded, trained and profiled on it. `await using` disposes of it. */
export class Device implements AsyncDisposable {
  /** The WebGPU device that everything on this device is computed with. */
  readonly gpu: WebGpuDevice;
  /** Name of the adapter, for example "llvmpipe (mesa software)". */
  readonly adapterName: string;
  /**
   * Whether a processor computes in a GPU's place, as Mesa's llvmpipe does in Node and SwiftShader in a browser without a GPU. In a browser, a WebAssembly
   * runtime is faster then.
   */
  readonly isSoftware: boolean;
  /**
   * Resolves once the device cannot be used any more. What is computed on it then throws; open another device and load again. A run of `train` opens one
   * for itself and goes on from its last checkpoint.
   */
  readonly lost: Promise<DeviceLoss>;
  readonly #internals: DeviceInternals;

  /** @internal */
  constructor(engine: Engine, kernels: KernelFamily | undefined, tuning: RunTuning | null) {
    this.gpu = engine.device;
    this.adapterName = engine.adapterName;
    this.isSoftware = engine.target.cpu;
    this.lost = engine.device.lost;
    const sessionOptions = { ...(kernels && { families: [kernels] }), ...(tuning && { tuned: tuning.tuned }) };
    this.#internals = { engine, tuning, sessionOptions };
  }

  /** @internal */
  static internalsOf(device: Device): DeviceInternals {
    if (!(#internals in Object(device))) throw new TypeError("expected a device that openDevice() of this package returned");
    return device.#internals;
  }

  /** What the device is and what it can do. */
  async describe(): Promise<DeviceDescription> {
    return (await import("./describe.ts")).describe(this.#internals.engine);
  }

  /** Memory that is taken on the device now. */
  memory(): DeviceMemory {
    const byUse: Record<string, number> = {};
    let bytes = 0;
    const { buffers } = this.#internals.engine;
    for (const { label, size } of buffers) {
      const use = /^(states|arena|mark|dims)/.exec(label)?.[0] ?? "input";
      byUse[use] = (byUse[use] ?? 0) + size;
      bytes += size;
    }
    return { bytes, buffers: buffers.size, byUse };
  }

  /** Frees everything that was made on the device and lets go of it; a GPUDevice of the program's own stays open. What was made on it cannot be used after that. */
  async dispose(): Promise<void> {
    this.#internals.engine.dispose();
  }

  /** The same as `dispose`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** The internals of a device. Throws a TypeError for anything that `openDevice` did not return. */
export const internalsOf = (device: Device): DeviceInternals => Device.internalsOf(device);

/**
 * Opens the host's GPU: through Dawn in Node, through `navigator.gpu` on a page or in a worker. Throws an error that says what to try where no adapter
 * answers, where none has the name given, where `timestamps` are demanded and the adapter has none, and where the tuning table cannot be read; a TypeError for an
 * option that does not exist or is of another kind.
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  (await import("./arguments.ts")).expectDeviceOptions(options);
  const { device, timestamps = false, kernels, tuningTable } = options;
  const engine = device === undefined ? await open(options) : adoptEngine(await hostPlatform(), device);
  try {
    if (timestamps && !engine.device.features.has("timestamp-query"))
      throw new Error(`${engine.adapterName} has no timestamp queries: leave the option out to compute without profiling`);
    return new Device(engine, kernels, tuningTable === undefined ? null : await readTuning(engine, tuningTable));
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

async function open({ adapter, timestamps = false, powerPreference, forceFallbackAdapter }: DeviceOptions): Promise<Engine> {
  const wanted = { timestamps, ...(powerPreference && { powerPreference }), ...(forceFallbackAdapter && { forceFallbackAdapter }) };
  return openEngine(await hostPlatform(adapter), wanted).catch((error: Error) => {
    throw adapter === undefined ? error : new Error(`adapter "${adapter}": ${error.message}`, { cause: error });
  });
}

async function readTuning({ platform }: Engine, source: Source): Promise<RunTuning> {
  const [{ parseTable, tuningFor }, { readSource }] = await Promise.all([import("../engine/tuning-table.ts"), import("./read-source.ts")]);
  const { bytes, file } = await readSource(platform, source);
  return tuningFor(parseTable(bytes, file));
}
