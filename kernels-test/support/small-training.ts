// A training of seconds, in this process: a narrow AlexNet on a few drawn pictures, into a folder.
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encode } from "fast-png";
import type { Engine } from "../../src/engine/engine.ts";
import { networkNamed } from "../../src/models/index.ts";
import type { ProgressEvent } from "../../src/platform/progress.ts";
import { philox } from "../../src/tensor/philox.ts";
import { DEFAULT_IMAGES } from "../../src/train/image-settings.ts";
import { defaultSettings, openCases, runJob, type JobSettings } from "../../src/train/job.ts";

const SIDE = 80;

/** Writes the picture of case `i`; `salt` makes it another one. */
export function writePicture(folder: string, i: number, salt = 1): void {
  const data = Uint8Array.from({ length: SIDE * SIDE }, (_, at) => (philox([i, salt], [at, 0, 0, 0])[0] & 127) + 100 * (i % 2));
  writeFileSync(join(folder, `${i}.png`), encode({ width: SIDE, height: SIDE, data, channels: 1, depth: 8 }));
}

/** Writes twelve cases of two classes; their splits are those given, over and over. */
export function writeCases(folder: string, splits: readonly ("train" | "val")[]): void {
  mkdirSync(folder, { recursive: true });
  const rows = ["path,label,patient,split"];
  for (let i = 0; i < 12; i++) {
    writePicture(folder, i);
    rows.push(`${i}.png,${i % 2 ? "hemorrhage" : "none"},P${i},${splits[i % splits.length]}`);
  }
  writeFileSync(join(folder, "manifest.csv"), `${rows.join("\n")}\n`);
}

export const SMALL: JobSettings = {
  ...defaultSettings(networkNamed("alexnet"), null),
  width: 1 / 8,
  size: 64,
  batch: 4,
  epochs: 3,
  rate: 0.001,
  mirror: false,
  images: { ...DEFAULT_IMAGES, pixelScale: 1 / 64 },
};

export interface SmallTraining {
  readonly engine: Engine;
  readonly cases: string;
  readonly out: string;
  readonly settings?: Partial<JobSettings>;
  readonly resume?: boolean;
  /** Stops it with a checkpoint after its first one. */
  readonly stop?: boolean;
}

/** Trains; what it reported. */
export async function trainSmall({ engine, cases, out, settings, resume = false, stop = false }: SmallTraining): Promise<ProgressEvent[]> {
  const chosen = { ...SMALL, ...settings };
  const data = await openCases(engine.platform, cases, chosen, { only: ["train", "val"] });
  const events: ProgressEvent[] = [];
  const controller = new AbortController();
  for await (const event of runJob(chosen, { engine, data, out, resume, signal: controller.signal })) {
    events.push(event);
    if (stop && event.kind === "checkpoint") controller.abort();
  }
  return events;
}

export const notesOf = (events: readonly ProgressEvent[]): string[] =>
  events.flatMap((event) => (event.kind === "note" ? [event.text] : []));

/** Name and content of a run's weights, metrics and checkpoints. */
export const bitsOf = (out: string): string[] => {
  const checkpoints = readdirSync(join(out, "checkpoints")).map((name) => `checkpoints/${name}`);
  return ["weights.safetensors", "metrics.jsonl", ...checkpoints].map(
    (name) => `${name} ${readFileSync(join(out, name)).toString("base64")}`,
  );
};
