// What a run's files must be that are read back: an unread mistake in them, such as another window, would give wrong scores without a word.
import * as v from "valibot";
import { networks } from "../models/index.ts";
import type { Json } from "../weights/checkpoint.ts";

const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const steps = v.pipe(v.number(), v.integer(), v.minValue(0));

/** How scans became images. */
export const IMAGE_SETTINGS = v.strictObject({
  windowHu: v.strictObject({ centerHu: v.pipe(v.number(), v.finite()), widthHu: v.pipe(v.number(), v.finite(), v.minValue(1)) }),
  slices: v.union([v.picklist(["one", "band"]), v.pipe(v.number(), v.integer(), v.minValue(1))]),
  slab: v.boolean(),
  pixelScale: positive,
  headCrop: v.exactOptional(v.pipe(v.number(), v.minValue(0.5), v.maxValue(2))),
  augment: v.exactOptional(v.boolean()),
});

/** What scoring takes of a job.json of `train` or `pretrain`; the rest is compared as it stands. */
export const TRAINING_JOB = v.looseObject({
  format: v.literal("striatum-job-1"),
  network: v.picklist(Object.keys(networks)),
  classes: v.pipe(v.array(v.string()), v.minLength(1)),
  images: IMAGE_SETTINGS,
});

const json: v.GenericSchema<Json> = v.lazy(() =>
  v.union([v.null(), v.boolean(), v.number(), v.string(), v.array(json), v.record(v.string(), json)]),
);
/** A job.json, of any kind, and a run.json. */
export const OBJECT = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value), "Invalid type: Expected Object but received Array"),
  v.record(v.string(), json),
);

/** A line of metrics.jsonl. */
export const METRICS_LINE = v.objectWithRest({ epoch: steps, step: steps }, v.number());
