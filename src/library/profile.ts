// Profiling a network's step on this device. Measurement and report are loaded on first use.
import type { TableOptions } from "../engine/profile-report.ts";
import { internalsOf, type Device } from "./device.ts";
import type { Model } from "./model.ts";

export interface ProfileRequest {
  /** Images per step. */
  readonly batch: number;
  /** A whole training step, or scoring. */
  readonly phase: "train" | "infer";
  /** Timed steps, after two warm-up steps. Default 10. */
  readonly repeats?: number;
}

export interface ProfileReport {
  /** A text table: microseconds, share of the step, GFLOP/s, GB/s and share of the measured roof. */
  table(options?: TableOptions): string;
  /** All numbers. */
  json(): object;
  /** Writes a trace that Perfetto, speedscope and chrome://tracing open. */
  saveTrace(path: string): Promise<void>;
  /**
   * Puts one step on the timeline of the browser's performance panel, as if it ended now: a track for each stage in the group "Striatum", an entry
   * for each launch. Start the panel's recording before. Returns how many entries there are.
   */
  showInPanel(): number;
}

/** Times every launch of a network's step, with random weights and pixels. Needs a device opened with `timestamps: true`. */
export async function profile(device: Device, model: Model, { batch, phase, repeats }: ProfileRequest): Promise<ProfileReport> {
  const { openOnNoise } = await import("../train/noise-session.ts");
  const { profileSession } = await import("../engine/profiler.ts");
  const { panelEntries, profileJson, profileTable, profileTrace } = await import("../engine/profile-report.ts");
  const { engine, sessionOptions } = internalsOf(device);
  const opened = await openOnNoise(engine, phase === "train" ? "training" : "scoring", { ...model, batch }, sessionOptions);
  try {
    const measured = await profileSession(engine, opened.session, repeats === undefined ? {} : { repeats });
    return {
      table: (options) => profileTable(measured, options),
      json: () => profileJson(measured),
      saveTrace: (path) => engine.platform.files.write(path, JSON.stringify(profileTrace(measured))),
      showInPanel() {
        const entries = panelEntries(measured, performance.now());
        for (const { name, ...entry } of entries) performance.measure(name, entry);
        return entries.length;
      },
    };
  } finally {
    opened.dispose();
  }
}
