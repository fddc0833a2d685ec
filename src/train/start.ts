// Initial parameters of a job: from their fillers, from the data, or from a file or a run folder; new layers with their own rate, and frozen layers.
import { trainingBatches } from "../dataset/batches.ts";
import { allocateBatch } from "../dataset/stored-batch.ts";
import type { ImageSet } from "../dataset/dataset.ts";
import type { Network } from "../models/network.ts";
import type { Files } from "../platform/platform.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { loadWeights } from "../weights/load.ts";
import { layerOf } from "../weights/names.ts";
import { describeOrigin, originOf, type WeightsOrigin } from "../weights/origin.ts";
import { looksLikeSafetensors, readSafetensors } from "../weights/safetensors.ts";
import { BEST_WEIGHTS } from "./fit.ts";
import { expectLayers, namesLayer } from "./layer-patterns.ts";
import { START_IMAGES, type StartReport } from "./lsuv.ts";
import { expectedShapes } from "./parameters.ts";
import { JOB_FILE, RunFolder } from "./run-folder.ts";
import { trainingGraph } from "./training-graphs.ts";
import type { Trainer } from "./trainer.ts";

export interface WeightsFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

export interface StartSettings {
  /** Weights to start from; auxiliary heads that the file lacks, and new layers, start from their fillers. */
  readonly weights: WeightsFile | null;
  /** Initializes the last layers anew: fine-tuning to other classes. */
  readonly renameLast: boolean;
  /** More layers that are new, by name or beginning ("fc*"): what the file has of them is left. */
  readonly newLayers?: readonly string[];
  /** Multiplies the learning rate of new layers. Default 10, as in Caffe's example of fine-tuning. */
  readonly newLayerRate?: number;
  /** Layers that keep their values, by name or beginning ("conv1", "conv*"). */
  readonly frozen: readonly string[];
}

/** Weights to start from at a path: a file of weights, or a run folder, whose best ones are taken. */
export async function readStart(files: Files, path: string): Promise<WeightsFile> {
  if (await files.exists(`${path}/${JOB_FILE}`)) return readBest(await RunFolder.open(files, path));
  return { file: path, bytes: await files.read(path) };
}

/** The weights of a run's best epoch. Throws before its first epoch is done. */
export async function readBest(folder: RunFolder, name = BEST_WEIGHTS): Promise<WeightsFile> {
  if (!(await folder.has(name)))
    throw new Error(`${folder.path} has no ${name} yet: train at least one epoch (npx striatum train --out ${folder.path} --resume)`);
  return { file: `${folder.path}/${name}`, bytes: await folder.read(name) };
}

/** What a job asks of single layers, as the network's builder takes it. */
export function layerRules(
  { lastLayers }: Network,
  { renameLast, newLayers = [], newLayerRate = 10, frozen }: StartSettings,
): { readonly frozen: (layer: string) => boolean; readonly layerRate: (layer: string) => number } {
  const fresh = [...(renameLast ? lastLayers : []), ...newLayers];
  return { frozen: (layer) => namesLayer(frozen, layer), layerRate: (layer) => (namesLayer(fresh, layer) ? newLayerRate : 1) };
}

/** Throws unless every pattern names a layer, no new layer is to keep its value, and something is left to learn. */
export function expectRules(
  { parameters }: Pick<Trainer, "parameters">,
  { frozen, newLayers = [], renameLast }: StartSettings,
  { lastLayers }: Network,
): void {
  const layers = [...new Set(parameters.map(({ layer }) => layer))];
  expectLayers(frozen, layers, "freeze");
  expectLayers(newLayers, layers, "make new");
  const both = layers.filter((layer) => namesLayer(frozen, layer) && namesLayer([...(renameLast ? lastLayers : []), ...newLayers], layer));
  if (both.length > 0) throw new Error(`cannot freeze ${both.join(", ")}: new layers must be trained. Freeze fewer layers`);
  if (parameters.every(({ rateMultiplier }) => rateMultiplier === 0))
    throw new Error(`cannot freeze ${frozen.join(", ")}: no layer is left to train`);
}

/**
 * Layers beside the last that a network of this size cannot take from a file: those that the file lacks, for example fc6 and fc7 where only the
 * convolutions were published; and, at another input size, inner products whose inputs are more or fewer, and those behind them.
 */
export function newLayers(
  network: Network,
  weights: ReadonlyMap<string, Pick<Tensor, "shape">>,
  { width, size }: { readonly width: number; readonly size: number },
): string[] {
  const { parameters } = trainingGraph({ network, classes: 2, batch: 1, width, size, momentum: 0, weightDecay: 0 });
  const found: string[] = [];
  let resized = false;
  for (const { name, layer, order, caffeShape } of parameters) {
    if (!name.endsWith("/weight") || network.lastLayers.includes(layer)) continue;
    const shape = weights.get(name)?.shape;
    if (!shape) {
      if (!network.auxiliary.includes(layer)) found.push(layer);
      continue;
    }
    if (order.kind !== "innerProduct") continue;
    const [outputs, inputs] = [shape.at(-2), shape.at(-1)];
    resized ||= outputs === caffeShape[0] && inputs !== caffeShape[1];
    if (resized) found.push(layer);
  }
  return found;
}

/** Loads a job's weights, if it starts from any, over what the fillers gave. Says where they come from, what was taken, and which layers are new. */
export async function loadStart(
  trainer: Trainer,
  { weights, renameLast, newLayers = [] }: StartSettings,
): Promise<{ readonly origin: WeightsOrigin; readonly note: string | null; readonly fresh: readonly string[] }> {
  const layers = [...new Set(trainer.parameters.map(({ layer }) => layer))];
  if (!weights) return { origin: { kind: "none" }, note: null, fresh: layers };
  const { file, bytes } = weights;
  const { network } = trainer.options;
  expectSameKind(trainer, weights);
  const loaded = loadWeights(bytes, file, expectedShapes(trainer.parameters), {
    renameLast: layers.filter((layer) => namesLayer([...(renameLast ? network.lastLayers : []), ...newLayers], layer)),
    auxiliary: network.auxiliary,
    allowFresh: (parameter) => network.auxiliary.includes(layerOf(parameter)),
  });
  trainer.load(loaded.values);
  const origin = await originOf(bytes, file, network.auxiliary);
  const fresh = [...new Set(loaded.fresh.map(layerOf))];
  const values = [...loaded.values.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  const note =
    `${file}: ${describeOrigin(origin)}; loaded ${loaded.values.size} tensors (${values} values)` +
    (fresh.length > 0 ? `; new layers: ${fresh.join(", ")}` : "");
  return { origin, note, fresh };
}

/** Throws where a file of ours records another network, width or pixel scale. A wrong width fails later with shape errors, a wrong scale never. */
function expectSameKind({ options: { network, width = 1, pixelScale = 1 } }: Trainer, { file, bytes }: WeightsFile): void {
  const told = looksLikeSafetensors(bytes) ? readSafetensors(bytes, file).metadata : {};
  const wanted = { network: network.name, width: String(width), pixelScale: String(pixelScale) };
  const options = { network: "--net", width: "--width", pixelScale: "--pixel-scale" };
  for (const key of ["network", "width", "pixelScale"] as const) {
    const made = told[key];
    if (made !== undefined && made !== wanted[key])
      throw new Error(`${file}: made with ${key} ${made}, this job's is ${wanted[key]}: pass  ${options[key]} ${made}`);
  }
}

/** Scales the new layers to a batch of training images (LSUV), which the seed draws, and measures the start. Without `fresh` it only measures. */
export async function measureStart(
  trainer: Trainer,
  training: ImageSet,
  { seed, mirror, fresh }: { readonly seed: number; readonly mirror: boolean; readonly fresh?: readonly string[] },
): Promise<StartReport> {
  const { network, size: crop = network.size } = trainer.options;
  const batch = allocateBatch(START_IMAGES, training.size);
  await trainingBatches(training, { batch: START_IMAGES, crop, seed, mirror }).fill(0, batch);
  return trainer.measureStart(batch, { seed, ...(fresh && { fresh: (layer) => fresh.includes(layer) }) });
}

/** The largest share of dead units in a layer. */
export const deadShareOf = ({ layers }: Pick<StartReport, "layers">): number => Math.max(0, ...layers.map(({ dead }) => dead ?? 0));

/** A start in one line: "outputs deviate by 0.98 to 1.02, at most 4 % of the units of a layer are dead (conv5), loss 1.10 (chance 1.10)". */
export function startLine({ layers, loss, chance }: StartReport): string {
  const deviations = layers.map(({ deviation }) => deviation);
  const worst = layers.reduce((a, b) => ((b.dead ?? 0) > (a.dead ?? 0) ? b : a));
  const dead =
    (worst.dead ?? 0) === 0
      ? "no unit is dead"
      : `up to ${Math.round(100 * (worst.dead ?? 0))} % of a layer's units are dead (${worst.name})`;
  return (
    `start: outputs deviate by ${Math.min(...deviations).toPrecision(2)} to ${Math.max(...deviations).toPrecision(2)}, ${dead}, ` +
    `loss ${loss.toFixed(2)} (chance ${chance.toFixed(2)})`
  );
}
