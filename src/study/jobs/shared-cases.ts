// Cases that several jobs of one process use: opened once, as reading a cohort takes longer than a short training's first steps. A process keeps the last few.
import type { Dataset, DatasetOptions } from "../../dataset/dataset.ts";
import type { Platform } from "../../platform/platform.ts";
import { openCases, type JobSettings } from "../../train/job.ts";

/** Datasets that a process keeps: per network, training with and without augmentation, and the held-out cases. */
const KEPT = 6;
/** Memory for the pictures of each. */
const CACHE_BYTES = 2 ** 29;

const opened = new WeakMap<Platform, Map<string, Promise<Dataset>>>();

/** As `openCases`; the same dataset for the same folder, images and options. */
export function sharedCases(
  platform: Platform,
  dir: string,
  { network, size, images: { augment, ...images } }: Pick<JobSettings, "network" | "size" | "images">,
  options: Pick<DatasetOptions, "only" | "classes" | "target" | "split" | "fingerprints">,
): Promise<Dataset> {
  const { fingerprints, ...rest } = options;
  // Training images alone are augmented.
  const settings = { network, size, images: { ...images, ...(augment && options.only?.includes("train") && { augment }) } };
  const key = JSON.stringify([dir, network.name, size, settings.images, rest, fingerprints?.manifestHash]);
  const known = opened.get(platform) ?? new Map<string, Promise<Dataset>>();
  opened.set(platform, known);
  const found = known.get(key) ?? openCases(platform, dir, settings, { ...options, cacheBytes: CACHE_BYTES });
  // The last used is the last to go. What cannot be opened is not kept.
  known.delete(key);
  known.set(key, found);
  found.catch(() => known.delete(key));
  const [oldest] = known.keys();
  if (known.size > KEPT) known.delete(oldest);
  return found;
}
