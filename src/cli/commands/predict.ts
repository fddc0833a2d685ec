// striatum predict: the most likely classes of pictures and CT slices, by a network with weights from files or by a run.
import { type Command, InvalidArgumentError } from "commander";
import { contactSheet } from "../../dataset/contact-sheet.ts";
import type { Picture } from "../../dataset/image.ts";
import { mirroredClasses } from "../../dataset/mirror.ts";
import { encodePng } from "../../dataset/png.ts";
import { readImage } from "../../dataset/sources.ts";
import type { HuWindow } from "../../dicom/window.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Family, MathMode } from "../../kernels/kernel.ts";
import { networkNamed } from "../../models/index.ts";
import type { Files } from "../../platform/platform.ts";
import { topK, scorePictures } from "../../train/evaluate.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { gradCam, heatPicture } from "../../train/grad-cam.ts";
import { scoringGraph, storedSize } from "../../train/graphs.ts";
import { readRun } from "../../train/job.ts";
import { withClassNames } from "../../train/class-names.ts";
import { readPretrained, type TrainedNetwork } from "../../train/pretrained.ts";
import { Scorer, scoringOptions } from "../../train/scorer.ts";
import { readBinaryproto } from "../../weights/caffemodel.ts";
import { given } from "../given.ts";
import {
  mathOption,
  familiesOf,
  familyOption,
  netOption,
  tuneOption,
  tuningTableOption,
  whole,
  windowOption,
  withEngine,
} from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { openTuning, tunedBy, type TuningOptions } from "../tuning.ts";

interface PredictOptions extends TuningOptions {
  readonly net?: string;
  readonly weights?: string;
  readonly run?: string;
  readonly labels?: string;
  readonly mean?: string;
  readonly top: number;
  readonly batch: number;
  readonly mirrorScores?: boolean;
  readonly window?: HuWindow;
  readonly gradCam?: string;
  readonly layer?: string;
  readonly family?: Family;
  readonly math: MathMode;
  readonly json?: boolean;
}

export function registerPredict(program: Command): void {
  program
    .command("predict")
    .description("classify pictures (PNG, JPEG) and CT slices (DICOM)")
    .argument("<file...>")
    .addOption(netOption().makeOptionMandatory(false))
    .option("--weights <file>", "weights of --net (.caffemodel or .safetensors)")
    .option("--run <dir>", "run folder of `npx striatum train`, in place of --net and --weights")
    .option("--labels <file>", "names of the classes, one per line (default: the file's, else ImageNet's if there are 1000)")
    .option("--mean <file>", "mean image of AlexNet (.binaryproto); default: the mean pixel 104, 117, 123")
    .option("--top <k>", "number of classes to print", whole(1), 5)
    .option("--batch <n>", "images per pass", whole(1), 4)
    .option("--mirror-scores", "score each picture mirrored, too, with left and right swapped, and average the two")
    .option(
      "--window <c/w>",
      "grey-level window of CT slices, in Hounsfield units (default: the run's or the file's, else 40/80)",
      windowOption,
    )
    .option("--grad-cam <png>", "also write each picture beside the Grad-CAM map of its most probable class")
    .option("--layer <name>", "with --grad-cam: the layer of the map (default: the last one before the classifier)")
    .addOption(familyOption())
    .addOption(mathOption())
    .addOption(tuneOption())
    .addOption(tuningTableOption())
    .option("--json", '[{"file", "top": [{"index", "label", "p"}]}] on stdout')
    .action((files: string[], options: PredictOptions) => withEngine((engine) => predict(engine, files, options)));
}

async function predict(engine: Engine, paths: readonly string[], options: PredictOptions): Promise<void> {
  const { files, inflate, decoders } = engine.platform;
  const trained = await networkOf(files, options);
  const { network, classes, size, images } = trained;
  const { windowHu, headCrop } = images;
  const source = { files, inflate, decoders, size: storedSize(network, size), window: options.window ?? windowHu, ...given({ headCrop }) };
  const mirrored = options.mirrorScores ? mirroredClasses(classes) : undefined;
  const pictures = [];
  for (const path of paths) pictures.push(await readImage(path, source));

  const { math } = options;
  const batch = Math.min(options.batch, paths.length);
  const tuning = await openTuning(engine, [scoringGraph(scoringOptions(trained, batch)).graph], options, { math });
  const scorer = await Scorer.open(engine, trained, { batch, ...familiesOf(options.family), math, ...tunedBy(tuning) });
  try {
    const scores = await scorePictures(scorer, pictures, mirrored && { mirrored });
    const results = scores.map((p, i) => ({ file: paths[i], top: topK(p, classes, options.top) }));
    if (options.json) printJson(results);
    else for (const { file, top } of results) print([file, ...top.map(({ label, p }) => `  ${p.toFixed(4)}  ${label}`)].join("\n"));
    if (options.gradCam !== undefined) await showHeat(engine, trained, pictures, { ...options, out: options.gradCam });
    if (options.run) say("Research and teaching only, not for diagnosis.");
  } finally {
    scorer.dispose();
  }
}

/** Each picture and its heat, numbered in the order of the files, so that a sheet shows no names. */
async function showHeat(
  engine: Engine,
  trained: TrainedNetwork,
  pictures: readonly Picture[],
  { out, layer, family }: { readonly out: string; readonly layer?: string; readonly family?: Family },
): Promise<void> {
  const views = pictures.map((picture) => ({ picture }));
  const heats = await gradCam(engine, trained, views, { ...(layer !== undefined && { layer }), ...familiesOf(family) });
  const cells = heats.flatMap(({ heat, class: chosen, p }, i) => [
    { picture: pictures[i], caption: `${i + 1}` },
    { picture: heatPicture(pictures[i], heat), caption: `${trained.classes[chosen]} ${p[chosen].toFixed(4)}` },
  ]);
  await engine.platform.files.write(out, [await encodePng(contactSheet(cells, HEAT_COLUMNS))]);
}

/** Pictures and heats: three pairs per row. */
const HEAT_COLUMNS = 6;

async function networkOf(files: Files, { net, weights, run, labels, mean }: PredictOptions): Promise<TrainedNetwork> {
  if (run !== undefined) {
    if (weights !== undefined) throw new InvalidArgumentError("--run and --weights exclude each other: a run has its own weights.");
    const trained = await readRun(files, run, BEST_WEIGHTS);
    if (net !== undefined && net !== trained.network.name) throw new Error(`${run} is a run of ${trained.network.name}, not of ${net}`);
    return trained;
  }
  if (net === undefined || weights === undefined) throw new InvalidArgumentError("give --net and --weights, or --run.");
  const names = labels === undefined ? undefined : linesOf(await files.read(labels, MAX_LABELS_BYTES));
  return withClassNames(
    readPretrained(
      networkNamed(net),
      { file: weights, bytes: await files.read(weights) },
      {
        ...(names && { labels: names }),
        ...(mean !== undefined && { mean: readBinaryproto(await files.read(mean, MAX_MEAN_BYTES), mean) }),
      },
    ),
  );
}

const MAX_LABELS_BYTES = 2 ** 22;
const MAX_MEAN_BYTES = 2 ** 28;

const linesOf = (bytes: Uint8Array): string[] => new TextDecoder().decode(bytes).trimEnd().split(/\r?\n/);
