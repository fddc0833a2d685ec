// Profiling a network: where a step's time goes on this device. Measurement and report are loaded on first use.
import { internalsOf, type Device } from "./device.ts";
import type { Model } from "./model.ts";

/** What `profile` measures. */
export interface ProfileRequest {
  /** Images per step. */
  readonly batch: number;
  /** "train": a whole training step. "infer": scoring alone. */
  readonly phase: "train" | "infer";
  /** Steps that count, a whole number from 1, after two to warm up. Default 10. */
  readonly repeats?: number;
}

/** Options of a profile's table. */
export interface ProfileTableOptions {
  /** What a row adds up: one launch, a layer, a block of layers ("inception_3a"), a kernel, or a stage of the step. Default "layer". */
  readonly by?: "launch" | "layer" | "block" | "kernel" | "stage";
  /** "time": slowest first. "order": as the step runs. Default "time". */
  readonly sort?: "time" | "order";
  /** Rows before the rest is added up in one. Default: all. */
  readonly top?: number;
}

/** Times of every launch of a network's step, as `profile` measured them. */
export interface ProfileReport {
  /** A table for people: microseconds (median over the steps), share of the step, GFLOP/s, GB/s and share of the measured roof. */
  table(options?: ProfileTableOptions): string;
  /** Every number as plain JSON: adapter, roofline, repeats, sums by stage, block, layer and kernel, and each launch with its times. Times are milliseconds. */
  json(): object;
  /** Writes a trace that Perfetto, speedscope and chrome://tracing open: a file in Node, one of the origin's private file system in a browser. */
  saveTrace(path: string): Promise<void>;
  /**
   * Puts one step on the timeline of the browser's performance panel, as if it ended now: a track for each stage in the group "Striatum", an entry
   * for each launch. Start the panel's recording before. Returns how many entries there are.
   */
  showInPanel(): number;
}

/**
 * Times every launch of a network's step on a device, with weights and pixels that mean nothing. Throws where the device was opened without
 * `timestamps: true`, where `repeats` is not a whole number from 1, and where a layer does not accept the model's size.
 */
export async function profile(device: Device, model: Model, request: ProfileRequest): Promise<ProfileReport> {
  const { measure } = await import("./measure.ts");
  return measure(internalsOf(device), model, request);
}
