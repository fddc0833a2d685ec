// A device: one GPU or software adapter, and everything created on it.
import { openEngine, type Engine } from "../engine/engine.ts";
import type { SessionOptions } from "../engine/session.ts";
import type { RunTuning } from "../engine/tuning-table.ts";
import type { Family } from "../kernels/kernel.ts";
import { hostPlatform, readSource, type Source } from "./host.ts";

export interface DeviceOptions {
  /** "auto", or in Node a part of an adapter's name; browsers choose themselves. Default "auto". */
  readonly adapter?: string;
  /** Demands timestamp queries, which `profile` needs. Default false. */
  readonly timestamps?: boolean;
  /** Kernel family to prefer. Default: chosen for the adapter. */
  readonly kernels?: Family;
  /** A table of `npx striatum tune` to choose kernels by. The same seed and table give the same bits. */
  readonly tuningTable?: Source;
}

/** The library's internal view of a device; not part of the public interface. */
interface DeviceInternals {
  readonly engine: Engine;
  /** The tuning table, if given. */
  readonly tuning: RunTuning | null;
  readonly sessionOptions: Pick<SessionOptions, "families" | "tuned">;
}

const internals = new WeakMap<Device, DeviceInternals>();

/** The internals of a device. Throws a TypeError for anything that `openDevice` did not return. */
export function internalsOf(device: Device): DeviceInternals {
  const found = internals.get(device);
  if (!found) throw new TypeError("expected a device that openDevice() of this package returned");
  return found;
}

/** GPUDevice, from TypeScript's DOM library (6 and later) or from @webgpu/types, whichever the program has; unknown where it has neither. */
export type WebGpuDevice = typeof globalThis extends { GPUDevice: { prototype: infer T } } ? T : unknown;

export class Device implements AsyncDisposable {
  /** The WebGPU device that everything on this device is computed with. */
  readonly gpu: WebGpuDevice;
  /** For example "llvmpipe (mesa software)". */
  readonly adapterName: string;

  /** @internal */
  constructor(engine: Engine, kernels: Family | undefined, tuning: RunTuning | null) {
    this.gpu = engine.device;
    this.adapterName = engine.adapterName;
    const sessionOptions = { ...(kernels && { families: [kernels] }), ...(tuning && { tuned: tuning.tuned }) };
    internals.set(this, { engine, tuning, sessionOptions });
  }

  /** Releases the GPU. Objects created on the device cannot be used afterwards. */
  async dispose(): Promise<void> {
    internalsOf(this).engine.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }
}

/** Opens the host's GPU: Dawn in Node, navigator.gpu in a browser. Throws, with what to do, if no adapter is found. */
export async function openDevice({ adapter, timestamps = false, kernels, tuningTable }: DeviceOptions = {}): Promise<Device> {
  const engine = await openEngine(await hostPlatform(adapter), { timestamps }).catch((error: Error) => {
    throw adapter === undefined ? error : new Error(`adapter "${adapter}": ${error.message}`, { cause: error });
  });
  if (timestamps && !engine.device.features.has("timestamp-query")) {
    engine.dispose();
    throw new Error(`${engine.adapterName} has no timestamp queries: leave the option out to run without profiling`);
  }
  try {
    return new Device(engine, kernels, tuningTable === undefined ? null : await readTuning(engine, tuningTable));
  } catch (error) {
    engine.dispose();
    throw error;
  }
}

async function readTuning({ platform }: Engine, source: Source): Promise<RunTuning> {
  const { parseTable, tuningFor } = await import("../engine/tuning-table.ts");
  const { bytes, file } = await readSource(platform, source);
  return tuningFor(parseTable(bytes, file));
}
