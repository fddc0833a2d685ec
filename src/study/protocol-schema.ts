// What study.json must be: every part of a protocol that the study reads, so that a damaged file is named, with the place in it.
import * as v from "valibot";
import { POLICIES, STARTS } from "../train/job.ts";
import { IMAGE_SETTINGS } from "../train/job-schema.ts";
import { isOrigin, type WeightsOrigin } from "../weights/origin.ts";
import { MODEL_IDS, PROFILES } from "./protocol.ts";

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const some = v.pipe(v.number(), v.integer(), v.minValue(1));
const positive = v.pipe(v.number(), v.finite(), v.gtValue(0));
const network = v.picklist(["alexnet", "googlenet"]);
const perNetwork = <S extends v.GenericSchema>(schema: S) => v.record(network, schema);

const areApart = (items: readonly unknown[]): boolean => new Set(items).size === items.length;

const SOLVER = v.object({
  iterations: some,
  batch: some,
  validateEvery: some,
  rate: positive,
  policy: v.picklist(POLICIES),
  warmUp: count,
  dropout: v.number(),
  momentum: v.number(),
  weightDecay: v.number(),
  newLayerRate: positive,
  frozen: v.array(v.string()),
  pixelScale: v.exactOptional(positive),
  average: v.exactOptional(positive),
});

const COHORT = v.variant("kind", [
  v.object({ kind: v.literal("synthetic"), phantoms: v.picklist(["quick", "study"]), cases: some, seed: count }),
  v.object({
    kind: v.literal("folder"),
    manifest: v.string(),
    cases: some,
    splitSeed: v.nullable(count),
    pictures: v.exactOptional(v.picklist(["all", "some"])),
  }),
]);

const PRETRAINING = v.variant("kind", [
  v.object({
    kind: v.literal("fractal"),
    recipes: perNetwork(
      v.object({
        source: v.object({ categories: some, instances: some, validation: count, poses: v.string() }),
        epochs: some,
        batch: some,
        rate: positive,
        policy: v.picklist(POLICIES),
        warmUp: count,
      }),
    ),
  }),
  v.object({
    kind: v.literal("file"),
    files: perNetwork(
      v.object({
        origin: v.custom<WeightsOrigin>((value) => isOrigin(value), "expected an origin of weights"),
        newLayers: v.array(v.string()),
        pixelScale: v.exactOptional(positive),
      }),
    ),
    shipped: v.exactOptional(v.literal(true)),
  }),
]);

const PROTOCOL = v.object({
  format: v.literal("striatum-study-3"),
  profile: v.picklist(PROFILES),
  cohort: COHORT,
  classes: v.union([
    v.tuple([v.literal("none"), v.literal("left"), v.literal("right")]),
    v.tuple([v.literal("none"), v.literal("hemorrhage")]),
  ]),
  finding: v.exactOptional(v.string()),
  models: v.pipe(
    v.array(
      v.object({
        id: v.picklist(MODEL_IDS),
        network,
        start: v.picklist(["untrained", "pretrained"]),
        augmented: v.boolean(),
        solver: SOLVER,
      }),
    ),
    v.minLength(1),
    v.check((models) => areApart(models.map(({ id }) => id)), "expected each model once"),
  ),
  seeds: v.pipe(
    v.array(count),
    v.minLength(1),
    v.check((seeds) => areApart(seeds), "expected each seed once"),
  ),
  width: v.pipe(positive, v.maxValue(1)),
  size: v.object({ alexnet: some, googlenet: some }),
  images: v.omit(IMAGE_SETTINGS, ["augment"]),
  init: v.picklist(STARTS),
  mirror: v.boolean(),
  augmentation: v.object({ variants: count, list: v.string() }),
  pretraining: v.nullable(PRETRAINING),
  caseScore: v.string(),
  mirrorScores: v.exactOptional(v.literal(true)),
  choice: v.picklist(["lowest validation loss", "last step"]),
  endpoints: v.object({ plan: v.looseObject({ primarySeed: count }) }),
});

/** The file: the protocol with its hash, and where this machine has cases and weights. */
export const STUDY_FILE = v.object({
  hash: v.string(),
  protocol: PROTOCOL,
  sources: v.object({ data: v.nullable(v.string()), external: v.exactOptional(v.string()), weights: v.record(v.string(), v.string()) }),
  external: v.exactOptional(v.object({ manifest: v.string(), cases: some })),
});
