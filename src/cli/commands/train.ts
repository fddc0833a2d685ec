// striatum train: trains a network on a folder of cases into a run folder, from its fillers or from a file of weights.
import { InvalidArgumentError, Option, type Command } from "commander";
import { refuseLacks } from "../../dataset/readiness.ts";
import type { HuWindow } from "../../dicom/window.ts";
import type { Family, MathMode } from "../../kernels/kernel.ts";
import { networkNamed } from "../../models/index.ts";
import { DEFAULT_IMAGES } from "../../train/image-settings.ts";
import {
  defaultSettings,
  graphsOf,
  inspectStart,
  KEEPS,
  openCases,
  runJobOn,
  POLICIES,
  STARTS,
  type JobSettings,
  type Keep,
  type Policy,
  type StartLaw,
} from "../../train/job.ts";
import { shortRun, shortRunLine } from "../../train/short-run.ts";
import { readStart } from "../../train/start.ts";
import { Engines } from "../../train/surviving.ts";
import { openEngine, type Engine } from "../../engine/engine.ts";
import type { Storage } from "../../engine/planner.ts";
import { given } from "../given.ts";
import { listenForInterruption } from "../interruption.ts";
import {
  familiesOf,
  familyOption,
  mathOption,
  layersOption,
  netOption,
  storageOption,
  positive,
  share,
  slicesOption,
  tuneOption,
  tuningTableOption,
  whole,
  windowOption,
  withEngine,
} from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { caseProgress, openProgress } from "../progress.ts";
import { startText } from "../text/start.ts";
import { openTuning, type TuningOptions } from "../tuning.ts";

interface TrainOptions extends TuningOptions {
  readonly net: string;
  readonly data: string;
  readonly out?: string;
  readonly weights?: string;
  readonly renameLast?: boolean;
  readonly newLayers?: string[];
  readonly newLayerRate?: number;
  readonly freeze?: string[];
  readonly width?: number;
  readonly size?: number;
  readonly init?: StartLaw;
  readonly epochs?: number;
  readonly epochImages?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly policy?: Policy;
  readonly warmUp?: number;
  readonly dropout?: number;
  readonly keep?: Keep;
  readonly average?: number;
  readonly momentum?: number;
  readonly weightDecay?: number;
  readonly seed?: number;
  readonly mirror: boolean;
  readonly window?: HuWindow;
  readonly slices?: "one" | "band" | number;
  readonly slab?: boolean;
  readonly headCrop?: number;
  readonly augment?: boolean;
  readonly pixelScale?: number;
  readonly checkpointEvery?: number;
  readonly family?: Family;
  readonly math: MathMode;
  readonly storage: Storage;
  readonly resume?: boolean;
  readonly inspectStart?: boolean;
  readonly json?: boolean;
}

export function registerTrain(program: Command): void {
  program
    .command("train")
    .description("train a network on a folder of cases")
    .addOption(netOption())
    .requiredOption("--data <dir>", "folder of cases with labels.csv, manifest.csv or manifest.jsonl (path,label[,side,patient,split])")
    .option("--out <dir>", "run folder: job.json, metrics.jsonl, checkpoints, weights.safetensors, run.json")
    .option("--weights <path>", "start from these weights: a .caffemodel, a .safetensors file, or a run folder (of pretrain or train)")
    .option("--rename-last", "initialize the last layers anew: the classes differ from the file's")
    .option("--new-layers <names...>", 'more layers to initialize anew, though the file has them, such as "fc6,fc7" or "fc*"', layersOption)
    .option("--new-layer-rate <factor>", "factor of the learning rate of new layers (default: 10)", positive)
    .option("--freeze <names...>", 'layers that keep their values, such as "conv1,conv2" or "conv*"', layersOption)
    .option("--width <share>", "share of the paper's channels: 1, 1/2, 1/4 ...", share)
    .option("--size <pixels>", "side of the network's input (default: the paper's)", whole(32))
    .addOption(
      new Option(
        "--init <how>",
        "initialization of new weights: as in the reference models, by He et al.'s law (msra), or scaled to the data layer by layer (lsuv) (default: reference *)",
      ).choices(STARTS),
    )
    .option("--epochs <n>", "passes over the training images (default: 30)", whole(1))
    .option("--augment", "train on 48 variants of each image: an epoch is 48 times as long")
    .option("--epoch-images <n>", "images per epoch; with the same number, runs with and without --augment take the same steps", whole(1))
    .option("--batch <n>", "images per step (default: 32 *)", whole(1))
    .option("--lr <rate>", "learning rate (default: 0.01 *, with --weights 0.001)", positive)
    .addOption(new Option("--policy <policy>", "how the learning rate falls (default: step *)").choices(POLICIES))
    .option("--warm-up <steps>", "steps over which the learning rate rises first (default: 0 *)", whole(0))
    .option("--dropout <factor>", "multiplies the network's dropout ratios; a narrow network has less to spare (default: 1)", share)
    .addOption(
      new Option("--keep <which>", "weights of the epoch with the lowest validation loss, or of the last step (default: best)").choices(
        KEEPS,
      ),
    )
    .addOption(
      new Option(
        "--average <share>",
        "keep the mean of the weights at the ends of the last epochs, this share of the run, such as 0.25 (default: off)",
      )
        .argParser(share)
        .conflicts("keep"),
    )
    .option("--momentum <m>", "momentum (default: 0.9)", positive)
    .option("--weight-decay <d>", "weight decay (default: the reference solver's)", positive)
    .option("--seed <n>", "seed; the same seed and adapter give the same bits (default: 0)", whole(0))
    .option("--no-mirror", "do not mirror images at random")
    .option("--window <c/w>", "grey-level window in Hounsfield units (default: 40/80)", windowOption)
    .option("--slices <n>", "slices of a series around the basal ganglia: one, band or a number (default: 3)", slicesOption)
    .option("--slab", "the series are slabs around the basal ganglia, as the quick phantoms are")
    .option(
      "--head-crop <share>",
      "cut a square around the head, its side this share of the head's longer side: 1 touches the edges (default: the whole image)",
      positive,
    )
    .option(
      "--pixel-scale <s>",
      "factor of the pixels after their mean is subtracted (default: 1 *; with --init msra or lsuv use 1/64 = 0.015625)",
      positive,
    )
    .option("--checkpoint-every <steps>", "write checkpoints also between epochs, every this many steps", whole(1))
    .addOption(familyOption())
    .addOption(mathOption())
    .addOption(storageOption())
    .addOption(tuneOption())
    .addOption(tuningTableOption())
    .option("--resume", "resume the run in --out, which must be there; without it, a run that is there is refused")
    .option(
      "--inspect-start",
      "print each layer's standard deviation and dead units before the first step, on 24 training images, and the loss against chance; train nothing",
    )
    .option("--json", "events as JSON Lines on stdout")
    .addHelpText(
      "after",
      "\n* A run of fewer than 1000 steps for which none of --init, --lr, --policy, --warm-up and --pixel-scale is given has other defaults:\n" +
        "--init lsuv --pixel-scale 0.015625 --batch 16 --lr 0.0005 (0.001 at half the channels, 0.002 below) --policy linear, and a warm-up of a\n" +
        "tenth of its steps. With --weights only policy, warm-up and batch change.",
    )
    .action((options: TrainOptions) => withEngine((engine) => train(engine, options)));
}

async function train(engine: Engine, options: TrainOptions): Promise<void> {
  const { out } = options;
  if (out === undefined && !options.inspectStart) throw new InvalidArgumentError("give --out, the run folder.");
  refuseWithoutWeights(options);
  const { platform } = engine;
  const network = networkNamed(options.net);
  const weights = options.weights === undefined ? null : await readStart(platform.files, options.weights);
  const chosen = settingsOf(options, defaultSettings(network, weights));
  const progress = openProgress({ json: options.json ?? false });
  const reading = { only: ["train", "val"], onCase: caseProgress(progress) } as const;
  const data = await openCases(platform, options.data, chosen, reading).finally(() => progress.end());
  refuseLacks(data.lacks("train"));
  say(
    `${network.title}, ${data.classes.join(" / ")}: ${data.images("train").length} training and ${data.images("val").length} validation images ` +
      `of ${data.cases.length} cases${data.excluded.length > 0 ? `, ${data.excluded.length} excluded` : ""}, on ${engine.adapterName}`,
  );
  for (const remark of data.remarks) say(remark);
  for (const { index, reason } of data.excluded) say(`case ${index} is excluded: ${reason}`);

  const hasRecipe = RECIPE.some((key) => options[key] !== undefined);
  const short = hasRecipe ? null : shortRun(chosen, data.images("train").length, { batch: options.batch === undefined });
  if (short) say(shortRunLine(short));
  const settings = short ?? chosen;
  const interruption = listenForInterruption();
  const engines = new Engines(() => openEngine(platform), { first: engine });
  try {
    const { signal } = interruption;
    const tuning = await openTuning(engine, graphsOf(settings, data.classes.length), options, { math: options.math, signal });
    if (signal.aborted) {
      process.exitCode = interruption.exitCode();
      return;
    }
    if (out === undefined || options.inspectStart) {
      const report = await inspectStart(settings, { engine, data, tuning });
      return options.json ? printJson(report) : print(startText(report));
    }
    const events = runJobOn(engines, settings, { data, out, resume: options.resume ?? false, tuning, signal });
    let next = await events.next();
    for (; next.done !== true; next = await events.next()) progress.event(next.value);
    progress.end();
    const { complete, steps, bestEpoch, average } = next.value;
    if (!complete) {
      process.exitCode = interruption.exitCode();
      say(`stopped at step ${steps}; resume with  --resume`);
    } else if (options.json) printJson({ kind: "done", steps, bestEpoch, out });
    else print(`${out}: ${steps} steps, weights of ${average ? `the mean of ${average.epochs} epochs` : `epoch ${bestEpoch}`}`);
  } finally {
    progress.end();
    interruption.dispose();
    await engines.dispose();
  }
}

/** Options that say which of the given weights are not used: without such they would do nothing. */
const OF_WEIGHTS = { renameLast: "--rename-last", newLayers: "--new-layers", newLayerRate: "--new-layer-rate" } as const;

function refuseWithoutWeights(options: TrainOptions): void {
  const found = Object.entries(OF_WEIGHTS).find(([key]) => options[key as keyof typeof OF_WEIGHTS] !== undefined);
  if (found && options.weights === undefined)
    throw new InvalidArgumentError(`${found[1]} wants --weights: without them every layer is new.`);
}

/** Who sets one of these sets the recipe: the others then have the defaults of long runs. */
const RECIPE = ["init", "lr", "policy", "warmUp", "pixelScale"] as const satisfies readonly (keyof TrainOptions)[];

function settingsOf(options: TrainOptions, defaults: JobSettings): JobSettings {
  const { width, size, init, batch, epochs, epochImages, seed, lr, policy, warmUp } = options;
  const { momentum, weightDecay, dropout, keep, average, mirror } = options;
  const { freeze, newLayers, newLayerRate, renameLast, family, math, storage, checkpointEvery } = options;
  const { window, slices, slab, headCrop, pixelScale, augment } = options;
  return {
    ...defaults,
    ...given({
      width,
      size,
      init,
      batch,
      epochs,
      epochImages,
      seed,
      rate: lr,
      policy,
      warmUp,
      momentum,
      weightDecay,
      dropout,
      keep,
      average,
      mirror,
    }),
    ...given({ frozen: freeze, newLayers, newLayerRate, renameLast, checkpointEvery, ...familiesOf(family) }),
    // Left out where they are the default, as in the job.json of earlier versions.
    ...(math === "fast" && { math }),
    ...(storage === "f16" && { storage }),
    images: { ...DEFAULT_IMAGES, ...given({ windowHu: window, slices, slab, headCrop, pixelScale, augment }) },
  };
}
