// Measures a network's step for `profile`.
import { panelEntries, profileJson, profileTable, profileTrace, type TableOptions } from "../engine/profile-report.ts";
import { profileSession } from "../engine/profiler.ts";
import { openOnNoise } from "../train/noise-session.ts";
import { expectOptions, oneOf, whole } from "./check.ts";
import type { DeviceInternals } from "./device.ts";
import { networkOf, type Model } from "./model.ts";

interface Request {
  readonly batch: number;
  readonly phase: "train" | "infer";
  readonly repeats?: number;
}

interface Report {
  table(options?: TableOptions): string;
  json(): object;
  saveTrace(path: string): Promise<void>;
  showInPanel(): number;
}

/** What `profile` returns. */
export async function measure({ engine, sessionOptions }: DeviceInternals, model: Model, request: Request): Promise<Report> {
  expectOptions("profile", request, { batch: whole(1), phase: oneOf("train", "infer"), repeats: whole(1) });
  const { batch, phase, repeats } = request;
  const { classes, width, size } = model;
  const built = { network: networkOf(model), classes, width, size, batch };
  const opened = await openOnNoise(engine, phase === "train" ? "training" : "scoring", built, sessionOptions);
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
