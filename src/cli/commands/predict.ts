// striatum predict: the most likely classes of pictures and CT slices, by a network with weights from files or by a run.
import { type Command, InvalidArgumentError } from "commander";
import { contactSheet } from "../../dataset/contact-sheet.ts";
import { decodeText } from "../../dataset/text-file.ts";
import type { Picture } from "../../dataset/image.ts";
import { mirroredClasses } from "../../dataset/mirror.ts";
import { encodePng } from "../../dataset/png.ts";
import type { Rescale } from "../../dataset/rescale.ts";
import { readImage, type ImageOptions } from "../../dataset/sources.ts";
import type { HuWindow } from "../../dicom/window.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Family, MathMode } from "../../kernels/kernel.ts";
import { networkNamed } from "../../models/index.ts";
import type { Network } from "../../models/network.ts";
import type { Files } from "../../platform/platform.ts";
import { scorePictures } from "../../train/evaluate.ts";
import { BEST_WEIGHTS } from "../../train/fit.ts";
import { gradCam, heatPicture } from "../../train/grad-cam.ts";
import { scoringGraph, storedSize } from "../../train/graphs.ts";
import { readRun } from "../../train/job.ts";
import { withClassNames } from "../../train/class-names.ts";
import { readPretrained, type TrainedNetwork } from "../../train/pretrained.ts";
import { Scorer, scoringOptions } from "../../train/scorer.ts";
import { topK } from "../../train/top-classes.ts";
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
  rescaleOption,
  windowOption,
  withEngine,
} from "../options.ts";
import { EXIT, print, say, sayFailure } from "../output.ts";
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
  readonly rescale?: Rescale;
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
    .option("--rescale <s/i>", "slope and intercept by which grey PNG of 16 bits are Hounsfield units, such as 1/-1024", rescaleOption)
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
  if (options.layer !== undefined && options.gradCam === undefined) throw new InvalidArgumentError("--layer wants --grad-cam.");
  const { files, inflate, decoders } = engine.platform;
  const trained = await networkOf(files, options);
  const { network, classes, size, images } = trained;
  const { windowHu, headCrop } = images;
  const { rescale, math, family, top } = options;
  const source = {
    files,
    inflate,
    decoders,
    size: storedSize(network, size),
    window: options.window ?? windowHu,
    ...given({ headCrop, rescale }),
  };
  const mirrored = options.mirrorScores ? mirroredClasses(classes) : undefined;
  const batch = Math.min(options.batch, paths.length);
  const out = options.json ? jsonList() : textList();
  const shown: Picture[] = [];
  let scorer: Scorer | null = null;
  try {
    for await (const { names, pictures } of inBatches(paths, source, { batch, hasWindow: options.window !== undefined })) {
      if (scorer === null) {
        const tuning = await openTuning(engine, [scoringGraph(scoringOptions(trained, batch)).graph], options, { math });
        scorer = await Scorer.open(engine, trained, { batch, ...familiesOf(family), math, ...tunedBy(tuning) });
      }
      const scores = await scorePictures(scorer, pictures, mirrored && { mirrored });
      scores.forEach((p, i) => out.add({ file: names[i], top: topK(p, classes, top) }));
      if (options.gradCam !== undefined) shown.push(...pictures);
    }
  } finally {
    out.end();
    scorer?.dispose();
  }
  if (options.gradCam !== undefined && shown.length > 0) await showHeat(engine, trained, shown, { ...options, out: options.gradCam });
  if (options.run) say("Research and teaching only, not for diagnosis.");
}

interface PictureBatch {
  readonly names: readonly string[];
  readonly pictures: readonly Picture[];
}

/** Beside a picture of 16 bits that uses little of them. */
const RESCALE_HINT = "; if they are Hounsfield units and an offset, give --rescale, such as 1/-1024";

/** Files as batches of pictures. One that cannot be read is reported and left out, and the command fails at its end. */
async function* inBatches(
  paths: readonly string[],
  source: ImageOptions,
  { batch, hasWindow }: { readonly batch: number; readonly hasWindow: boolean },
): AsyncGenerator<PictureBatch, void, void> {
  let names: string[] = [];
  let pictures: Picture[] = [];
  for (const path of paths) {
    try {
      const { picture, remarks, isHounsfield } = await readImage(path, source);
      if (hasWindow && !isHounsfield) say(`${path}: is a grey or colour picture: --window does nothing to it`);
      for (const { text, isWarning } of remarks) say(`${path}: ${text}${isWarning ? RESCALE_HINT : ""}`);
      names.push(path);
      pictures.push(picture);
    } catch (error) {
      sayFailure(error);
      process.exitCode = EXIT.failed;
    }
    if (pictures.length === batch) {
      yield { names, pictures };
      [names, pictures] = [[], []];
    }
  }
  if (pictures.length > 0) yield { names, pictures };
}

interface Result {
  readonly file: string;
  readonly top: ReturnType<typeof topK>;
}

/** Where results go, one after another. */
interface ResultList {
  add(result: Result): void;
  end(): void;
}

const textList = (): ResultList => ({
  add: ({ file, top }) => print([file, ...top.map(({ label, p }) => `  ${p.toFixed(4)}  ${label}`)].join("\n")),
  end: () => undefined,
});

/** One JSON list, whose elements are printed as they come. */
function jsonList(): ResultList {
  let before = "[";
  return {
    add(result) {
      print(`${before}\n${JSON.stringify(result, null, 2).replace(/^/gm, "  ")}`);
      before = ",";
    },
    end: () => print(before === "[" ? "[]" : "]"),
  };
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
    if (labels !== undefined || mean !== undefined)
      throw new InvalidArgumentError(`--run and ${labels === undefined ? "--mean" : "--labels"} exclude each other: a run has its own.`);
    const trained = await readRun(files, run, BEST_WEIGHTS);
    if (net !== undefined && net !== trained.network.name) throw new Error(`${run} is a run of ${trained.network.name}, not of ${net}`);
    return trained;
  }
  if (net === undefined || weights === undefined) throw new InvalidArgumentError("give --net and --weights, or --run.");
  const network = networkNamed(net);
  if (mean !== undefined) expectsMeanImage(network);
  const names = labels === undefined ? undefined : linesOf(decodeText(await files.read(labels, MAX_LABELS_BYTES), labels));
  return withClassNames(
    readPretrained(
      network,
      { file: weights, bytes: await files.read(weights) },
      {
        ...(names && { labels: names }),
        ...given({ labelsFile: labels }),
        ...(mean !== undefined && { mean: readBinaryproto(await files.read(mean, MAX_MEAN_BYTES), mean) }),
      },
    ),
  );
}

/** Throws for a network that subtracts one mean pixel. */
function expectsMeanImage({ mean, title }: Network): void {
  if (mean !== "image") throw new InvalidArgumentError(`--mean is for AlexNet: ${title} subtracts the mean pixel ${mean.join(", ")}.`);
}

const MAX_LABELS_BYTES = 2 ** 22;
const MAX_MEAN_BYTES = 2 ** 28;

const linesOf = (text: string): string[] => text.trimEnd().split(/\r\n|\r|\n/);
