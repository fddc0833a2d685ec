// A fictitious study for tests of the report: scores drawn from a seed, analysed as real ones are, and little drawn heads for pictures. No network
// was trained for any of it.
import type { Picture } from "../../dataset/image.ts";
import { FEATURES } from "../../dataset/trivia.ts";
import { philox, unitFloat } from "../../tensor/philox.ts";
import { analyse } from "../analysis/analyse.ts";
import type { CohortCase, ModelScores, ScoredCase, Split } from "../analysis/result.ts";
import { protocolOf } from "../profiles.ts";
import type { ModelId } from "../protocol.ts";
import type { GalleryCase, Pointing, ReportInput, RunRecord } from "./input.ts";
import { verdictOf } from "./evidence.ts";

/** Distance of the classes in standard deviations of the score, and how spread a model's probabilities are. */
const STRENGTH: Readonly<Record<ModelId, number>> = {
  "alexnet-untrained-plain": 0.8,
  "alexnet-untrained-augmented": 1.5,
  "alexnet-pretrained-plain": 1.4,
  "alexnet-pretrained-augmented": 2.3,
  "googlenet-untrained-plain": 0.7,
  "googlenet-untrained-augmented": 1.7,
  "googlenet-pretrained-plain": 1.9,
  "googlenet-pretrained-augmented": 2.9,
};

export interface FixtureOptions {
  readonly seeds?: readonly number[];
  readonly models?: readonly ModelId[];
  /** Lets the last model separate the classes perfectly. */
  readonly perfect?: boolean;
  /** Lets the first model's run of the first seed say one thing of all cases. */
  readonly stuck?: boolean;
  readonly samples?: number;
  /** Leaves out what only drawn cases have: strata. */
  readonly unknown?: boolean;
}

export function madeUpStudy({
  seeds = [0, 1, 2],
  models,
  perfect = false,
  stuck = false,
  samples = 100,
  unknown = false,
}: FixtureOptions = {}): ReportInput {
  const protocol = protocolOf("quick", { seeds, ...(models && { models }) });
  const { classes } = protocol;
  const drawn = Array.from({ length: 170 }, (_, i) => cohortCase(i));
  const cohort: readonly CohortCase[] = unknown ? drawn.map(({ case: number, split, label }) => ({ case: number, split, label })) : drawn;
  const scores = protocol.models.flatMap(({ id, network, start, augmented }, k) =>
    seeds.flatMap((seed) =>
      (["val", "test"] as const).map((split): ModelScores => ({
        model: id,
        network,
        pretrained: start === "pretrained",
        augmented,
        initialWeights: start === "pretrained" ? "fractal-pretrained" : "untrained",
        seed,
        split,
        cases: cohort
          .filter((one) => one.split === split)
          .map((one) =>
            stuck && k === 0 && seed === seeds[0]
              ? { case: one.case, label: one.label, score: 0.7, probabilities: [0.33, 0.33, 0.34] }
              : scoredCase(one, { strength: perfect && k === protocol.models.length - 1 ? 40 : STRENGTH[id], seed, model: k }),
          ),
      })),
    ),
  );
  const { plan } = protocol.endpoints;
  const analysis = analyse(scores, cohort, { ...plan, bootstrap: { ...plan.bootstrap, samples }, simulatedCohorts: 60 });
  const runs = protocol.models.flatMap(({ id }, k) => seeds.map((seed) => runOf(id, k, seed)));
  const shown = analysis.models.find(({ model }) => model === "googlenet-pretrained-augmented") ?? analysis.models[0];
  const threshold = shown.threshold.probability ?? 0.5;
  const gallery = (
    scores.find(({ model, seed, split }) => model === shown.model && seed === seeds[0] && split === "test")?.cases ?? []
  ).map((one) => galleryCase(one, classes, threshold));
  const wrong = gallery.filter((one) => verdictOf(one).startsWith("false"));
  const right = ["true positive", "true negative"].flatMap((verdict) => gallery.filter((one) => verdictOf(one) === verdict).slice(0, 3));
  const [first] = cohort.filter(({ split, label }) => split === "train" && label === "left");
  return {
    protocol,
    analysis,
    scores,
    cases: {
      synthetic: true,
      source: "The cases are phantoms: head CTs drawn by a program from a seed, never patients’.",
      reference: "Labels were made by the generator, which knows where it put blood; they are exact.",
      flow: [
        { what: "DICOM files read", count: 3412, leftOut: [] },
        {
          what: "series picked",
          count: 172,
          leftOut: [
            { reason: "localizers", count: 172 },
            { reason: "bone kernel beside a soft one", count: 31 },
          ],
        },
        { what: "assessable cases", count: 170, leftOut: [{ reason: "missing slices", count: 2 }] },
      ],
      characteristics: [
        { name: "age, median (range)", of: { train: "61 (24 to 88)", val: "59 (31 to 84)", test: "62 (22 to 90)" } },
        { name: "volume of the hemorrhage, median", of: { train: "6.1 mL", val: "5.4 mL", test: "5.9 mL" } },
      ],
      facts: cohort
        .filter(({ split }) => split === "test")
        .map(({ case: index, label, strata }) => ({
          case: index,
          finding: strata?.stratum ?? "",
          volumeMl: label === "none" ? null : (strata?.volumeMl ?? null),
        })),
    },
    external: null,
    shortcuts: FEATURES.map((feature, i) => ({ feature, auc: 0.47 + i / 50, interval: { low: 0.37 + i / 50, high: 0.57 + i / 50 } })),
    runs,
    galleries: protocol.models
      .map(({ id }) => id)
      .sort((a, b) => Number(b === shown.model) - Number(a === shown.model))
      .map((model, k) => ({ model, cases: k === 0 ? [...wrong, ...right] : right, passes: 7000, pointing: pointingOf(gallery, k) })),
    augmentation: {
      case: first.case,
      label: first.label,
      variants: Array.from({ length: 48 }, (_, i) => {
        const mirrored = Math.floor(i / 8) % 2 === 1;
        const label = mirrored ? "right" : "left";
        return {
          name: `${[0, 12, -12][Math.floor(i / 16)]} degrees${mirrored ? ", mirrored" : ""}, x ${i % 8 < 4 ? 1 : 1.1}, ${["as it is", "CLAHE", "blur", "noise"][i % 4]}`,
          label,
          picture: drawnHead(label, i),
        };
      }),
    },
    machine: {
      adapter: "llvmpipe (LLVM 15.0.6, 256 bits)",
      host: { node: "20.20.2", webgpu: "0.6.2", toggles: "none" },
      phases: [
        { name: "drawing the cases", seconds: 41 },
        { name: "pretraining", seconds: 96 },
        { name: "training", seconds: 312.4 },
        { name: "analysis", seconds: 3.2 },
      ],
    },
    provenance: {
      version: "0.1.0",
      commit: "0123456789abcdef0123456789abcdef01234567",
      hashes: [
        { name: "protocol", sha256: "1f".repeat(8) },
        { name: "cases", sha256: "a9".repeat(32) },
        { name: "split", sha256: "7c".repeat(32) },
      ],
      commands: ["git checkout 0123456789abcdef0123456789abcdef01234567", "npm ci", "npm run study -- --seeds 0,1,2"],
      testScorings: 1,
    },
  };
}

/** Uniform in (0, 1), a function of what it is drawn for. */
const uniform = (...counter: readonly [number, number, number, number]): number =>
  unitFloat(philox([1710, 3823], [...counter])[0]) + 2 ** -25;

/** Box and Muller. */
const normal = (a: number, b: number, c: number): number =>
  Math.sqrt(-2 * Math.log(uniform(a, b, c, 0))) * Math.cos(2 * Math.PI * uniform(a, b, c, 1));

const LABELS = ["none", "right", "left"];
const STRATA: Readonly<Record<string, readonly string[]>> = {
  positive: ["large", "medium", "small", "faint"],
  negative: ["normal", "calcified pallidum", "old infarct", "lobar hemorrhage"],
};

function cohortCase(i: number): CohortCase {
  const split: Split = i < 45 ? "train" : i < 60 ? "val" : "test";
  const label = LABELS[i % 3];
  const stratum = STRATA[label === "none" ? "negative" : "positive"][Math.floor(uniform(i, 0, 9, 0) * 4)];
  return {
    case: i + 1,
    split,
    label,
    strata: {
      stratum,
      ...(label === "none" ? { otherBleed: stratum === "lobar hemorrhage" } : { volumeMl: 0.4 + 20 * uniform(i, 1, 9, 0) ** 2 }),
      tilted: uniform(i, 2, 9, 0) < 0.3,
      thicknessMm: uniform(i, 3, 9, 0) < 0.5 ? 2.5 : 5,
    },
  };
}

function scoredCase(
  { case: index, label, strata }: CohortCase,
  { strength, seed, model }: { strength: number; seed: number; model: number },
): ScoredCase {
  const hard = strata?.stratum === "faint" || strata?.stratum === "calcified pallidum" ? 0.45 : 1;
  const shared = normal(index, 77, 0);
  const noise = 0.6 * shared + 0.8 * normal(index, model, seed + 1);
  const centre = (label === "none" ? -0.5 : 0.5) * strength * hard;
  const score = 1.6 * (centre + noise);
  const p = 1 / (1 + Math.exp(-score));
  const right = label === "right" ? 0.85 : label === "left" ? 0.15 : 0.5;
  return { case: index, label, score, probabilities: [1 - p, p * (1 - right), p * right] };
}

function runOf(model: ModelId, k: number, seed: number): RunRecord {
  const metrics = Array.from({ length: 12 }, (_, i) => {
    const fallen = Math.exp((-i * STRENGTH[model]) / 4);
    const loss = 0.25 + 0.85 * fallen + 0.04 * normal(i, k, 50 + seed);
    const overfit = i > 7 ? 0.05 * (i - 7) : 0;
    return { epoch: i + 1, step: 40 * (i + 1), loss, validationLoss: loss + 0.1 + overfit + 0.05 * Math.abs(normal(i, k, 60 + seed)) };
  });
  const best = metrics.reduce((a, b) => (b.validationLoss < a.validationLoss ? b : a));
  return {
    model,
    seed,
    metrics,
    bestEpoch: best.epoch,
    steps: 480,
    images: 3840,
    seconds: model.startsWith("alexnet") ? 9.6 + k / 10 : 16.3 + k / 10,
    weights: `${k}${seed}`.repeat(32),
  };
}

function galleryCase({ case: index, label, probabilities }: ScoredCase, classes: readonly string[], threshold: number): GalleryCase {
  const said = classes[probabilities.indexOf(Math.max(...probabilities))];
  const side = 16;
  const falls = Float32Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [(i % side) - (label === "left" ? 9 : 5), Math.floor(i / side) - 8];
    return Math.exp(-(x * x + y * y) / 6);
  });
  const blood = label === "left" ? 30 : 18;
  const outline = label === "none" ? [] : [blood - 4, 20, blood + 4, 20, blood + 4, 20, blood + 4, 30, blood + 4, 30, blood - 4, 30];
  return {
    case: index,
    label,
    said,
    probability: 1 - probabilities[0],
    threshold,
    picture: drawnHead(label, index),
    map: { width: side, height: side, channels: 1, data: falls },
    fall: 2.5,
    peak: [label === "left" ? 0.6 : 0.35, 0.53],
    outline,
    // The last file does not say how its slices lie.
    slice: { picture: drawnHead(label, index), outline, right: index === 170 ? null : "left" },
    finding: label === "none" ? "synthetic: no hemorrhage" : "synthetic: putamen, 4.2 mL",
  };
}

/** Most found hemorrhages point at the clot by occlusion, few by Grad-CAM. */
const pointingOf = (gallery: readonly GalleryCase[], model: number): Pointing => ({
  tolerance: 4,
  side: 64,
  cases: gallery
    .filter((one) => verdictOf(one) === "true positive")
    .map(({ case: index }) => ({
      case: index,
      visible: uniform(index, model, 7, 0) > 0.05,
      occlusion: uniform(index, model, 7, 0) > 0.25,
      gradCam: uniform(index, model, 7, 1) > 0.9,
      chance: 0.1,
    })),
});

const SIDE = 48;

/** Skull, brain and, on its side, a bright oval: enough to see that a picture is where it should be. The patient's right is on the left. */
function drawnHead(label: string, key: number): Picture {
  const within = (x: number, y: number, cx: number, cy: number, rx: number, ry: number): boolean =>
    ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 < 1;
  const blood = label === "left" ? 30 : 18;
  const data = Uint8Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    if (!within(x, y, 24, 24, 19, 22)) return 0;
    if (!within(x, y, 24, 24, 17, 20)) return 255;
    const bright = label !== "none" && within(x, y, blood, 25, 4, 5);
    return Math.round((bright ? 200 : 110) + 12 * (uniform(i, key, 5, 0) - 0.5));
  });
  return { width: SIDE, height: SIDE, channels: 1, data };
}
