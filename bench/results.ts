// The schema of results files: one file per adapter, one entry per bench and network, each with its conditions. Times are
// milliseconds. README.md describes it.
import * as v from "valibot";

const text = v.pipe(v.string(), v.nonEmpty());
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.gtValue(0));
const atLeast0 = v.pipe(v.number(), v.minValue(0));

const ROOFLINE = v.strictObject({ gflops: positive, gigabytesPerSecond: positive });

/** Date, commit, machine and load of a measurement. */
const CONDITIONS = v.strictObject({
  /** "2026-11-24 13:05Z" */
  date: v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\d \d\d:\d\dZ$/)),
  /** The repository's commit; "+" where files differed from it. Null outside a repository. */
  commit: v.nullable(text),
  command: text,
  /** Platform.host: runtime, system, WebGPU build, toggles. */
  host: v.record(v.string(), v.string()),
  processor: v.strictObject({ model: text, cores: count, takenByOthers: atLeast0 }),
  /** The adapter's roofs right before and right after; null where it has no timestamp queries. */
  peak: v.nullable(v.strictObject({ before: ROOFLINE, after: ROOFLINE })),
});
export type Conditions = v.InferOutput<typeof CONDITIONS>;

/** The workload: a network at a size, planned with these passes and families. */
const NETWORK = v.strictObject({
  classes: count,
  width: positive,
  size: count,
  /** Math mode of the kernels that may be chosen: "exact", "fast". */
  math: text,
  passes: v.array(text),
  families: v.array(text),
  /** The tuning table; null if the families' defaults were used. */
  tuning: v.nullable(v.strictObject({ hash: text, problems: count })),
});
export type NetworkConditions = v.InferOutput<typeof NETWORK>;

const SPREAD = { median: positive, p25: positive, p75: positive, min: positive, runs: v.pipe(v.number(), v.integer(), v.minValue(1)) };
const TIMING = v.strictObject({ ...SPREAD, times: v.pipe(v.array(positive), v.minLength(1)) });

const RATE = { gflops: atLeast0, gigabytesPerSecond: atLeast0 };

const PROBLEM = v.strictObject({
  graph: v.picklist(["training", "inference"]),
  stage: text,
  op: text,
  /** Op, shapes, attributes: problemOf of src/kernels/choose.ts. */
  problem: text,
  /** Layers with this problem. */
  layers: v.pipe(v.array(text), v.minLength(1)),
  kernels: v.pipe(v.array(text), v.minLength(1)),
  launches: count,
  /** Time of one of these layers. */
  time: v.strictObject(SPREAD),
  ...RATE,
  /** Shortest time that the measured roofs allow over the median. */
  roof: atLeast0,
  checked: v.strictObject({
    /**
     * `samples`: this problem, some outputs. `whole`: this problem, all outputs. `fewer images`: all outputs of this problem with a shorter first
     * axis. `cases`: the cases that `npx striatum verify` runs.
     */
    by: v.picklist(["samples", "whole", "fewer images", "cases"]),
    elements: count,
    /** The worst output's error over its bound; timed problems are at 1 or below. */
    ratio: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  }),
});
export type Problem = v.InferOutput<typeof PROBLEM>;

/** In place of a stage: forward and both backward passes together. */
export const ALL_PASSES = "all passes";

/** All convolutions of one filter size and pass, as one. */
const CONVOLUTIONS = v.strictObject({
  filter: text,
  stage: text,
  layers: count,
  time: v.strictObject(SPREAD),
  ...RATE,
  /** GFLOPS over the measured multiply-add peak. */
  shareOfPeak: atLeast0,
});
export type Convolutions = v.InferOutput<typeof CONVOLUTIONS>;

const KERNELS = v.strictObject({
  conditions: CONDITIONS,
  network: NETWORK,
  batch: count,
  problems: v.pipe(v.array(PROBLEM), v.minLength(1)),
  convolutions: v.array(CONVOLUTIONS),
});
export type Kernels = v.InferOutput<typeof KERNELS>;

/** Memory in bytes, and what there is to launch. `boundBytes` is a lower bound for any plan. */
const PLAN = v.strictObject({ peakBytes: count, boundBytes: count, launches: count, pipelines: count, gflop: positive });
export type PlanFacts = v.InferOutput<typeof PLAN>;

const MEASURED_STEP = v.strictObject({
  batch: count,
  width: positive,
  training: PLAN,
  inference: PLAN,
  train: TIMING,
  infer: TIMING,
  imagesPerSecond: v.strictObject({ train: positive, infer: positive }),
});
export type MeasuredStep = v.InferOutput<typeof MEASURED_STEP>;

const STEP = v.union([MEASURED_STEP, v.strictObject({ batch: count, width: positive, skipped: text })]);
export type Step = v.InferOutput<typeof STEP>;

/** Rows of one table were measured in turn, round by round: their times pair up by index. */
const STEPS = v.strictObject({ conditions: CONDITIONS, network: NETWORK, rows: v.pipe(v.array(STEP), v.minLength(1)) });
export type Steps = v.InferOutput<typeof STEPS>;

export const isMeasured = (step: Step): step is MeasuredStep => !("skipped" in step);

/** From the start of a process to the end of its first training step; the parts add up to `firstStepMs` and a little. */
const PHASES = v.strictObject({
  /** Starting Node and reading the program. */
  loadMs: positive,
  /** Opening Dawn and the device. */
  deviceMs: positive,
  /** Building graph and plan. */
  planMs: positive,
  /** Until all pipelines of the step are made. A driver may put code generation off until the first launch. */
  compileMs: positive,
  /** Buffers and bind groups. */
  prepareMs: atLeast0,
  /** Initial values of all parameters, with the pipelines that draw them. */
  fillMs: positive,
  runMs: positive,
});
const START = v.strictObject({ driverCache: v.picklist(["empty", "warm"]), wallMs: positive, firstStepMs: positive, phases: PHASES });
export type Start = v.InferOutput<typeof START>;

const COLD = v.strictObject({ conditions: CONDITIONS, network: NETWORK, batch: count, starts: v.pipe(v.array(START), v.minLength(1)) });
export type Cold = v.InferOutput<typeof COLD>;

const INPUT_ROW = v.strictObject({
  /** `files`: every image is read, decoded, windowed and resized again. `memory`: pictures are kept, as in training. */
  from: v.picklist(["files", "memory"]),
  /** Time of one batch: filled, fed, cropped, mirrored and mean-subtracted on the GPU. */
  time: TIMING,
  batchesPerSecond: positive,
  imagesPerSecond: positive,
});

const INPUT = v.strictObject({
  conditions: CONDITIONS,
  /** Synthetic, by `npx striatum phantoms`. */
  cases: count,
  files: count,
  megabytes: positive,
  /** Images that the cases give. */
  images: count,
  batch: count,
  /** Side of the stored image and of the crop, pixels. */
  stored: count,
  crop: count,
  /** Reading every series once: parse, order, find the basal ganglia, window, resize. */
  openMs: positive,
  rows: v.pipe(v.array(INPUT_ROW), v.minLength(1)),
});
export type Input = v.InferOutput<typeof INPUT>;

const ADAPTER = v.strictObject({
  name: text,
  vendor: v.string(),
  architecture: v.string(),
  device: v.string(),
  /** The driver and its version, as the adapter gives it. */
  description: v.string(),
  subgroupSize: count,
  maxBindingBytes: count,
});

/** Results of `bench/peers` (bench/peers/results.ts), as far as the page reads them. */
const PEERS = v.looseObject({
  date: text,
  commit: text,
  command: text,
  batch: count,
  networks: v.array(
    v.looseObject({
      net: text,
      takenByOthers: atLeast0,
      runtimes: v.record(
        text,
        v.looseObject({
          adapter: text,
          versions: v.record(text, v.string()),
          peak: v.optional(v.looseObject({ gflops: positive })),
          /** Speed of a large fp32 matrix product on the processor. */
          processorGflops: v.optional(positive),
        }),
      ),
      /** The adapter's, after the run. */
      peakAfter: v.optional(v.looseObject({ gflops: positive })),
      comparisons: v.array(
        v.looseObject({
          what: v.picklist(["inference", "training"]),
          peer: text,
          verdict: v.picklist(["timed", "wrong", "failed"]),
          why: v.optional(text),
          /** Null if the results are unrelated. */
          difference: v.nullable(atLeast0),
          rounds: v.array(v.looseObject({ oursMs: positive, peerMs: positive })),
        }),
      ),
    }),
  ),
});
export type Peers = v.InferOutput<typeof PEERS>;

/**
 * What each pass and each family gives: training steps with everything on, which stands first, with one of them off, and, in newer results, with
 * everything on once more.
 */
const ABLATION = v.strictObject({
  conditions: CONDITIONS,
  network: NETWORK,
  batch: count,
  rows: v.pipe(
    v.array(
      v.strictObject({
        name: text,
        launches: count,
        peakBytes: count,
        time: TIMING,
        /** Median over the rounds of this time over that of everything on. */
        ratio: positive,
        /** Against everything on, relative: of the worst of a few steps' losses, and of the worst weight after them. */
        lossDifference: atLeast0,
        weightDifference: atLeast0,
      }),
    ),
    v.minLength(1),
  ),
});
export type Ablation = v.InferOutput<typeof ABLATION>;

const byNetwork = <T extends v.GenericSchema>(schema: T) => v.record(text, schema);

export const RESULTS = v.strictObject({
  schema: v.optional(v.literal(1), 1),
  /** Absent in a file that has only `peers`. */
  adapter: v.optional(ADAPTER),
  /** By network. */
  kernels: v.optional(byNetwork(KERNELS)),
  steps: v.optional(byNetwork(STEPS)),
  growth: v.optional(byNetwork(STEPS)),
  cold: v.optional(byNetwork(COLD)),
  ablation: v.optional(byNetwork(ABLATION)),
  input: v.optional(INPUT),
  peers: v.optional(PEERS),
});
export type Results = v.InferOutput<typeof RESULTS>;
export type Adapter = v.InferOutput<typeof ADAPTER>;
