// Pretrained weights, ready to score: the network's metadata in the file, and the mean that the reference models subtract.
import type { Network } from "../models/network.ts";
import { formatShape, sameShape, sizeOf } from "../tensor/shape.ts";
import { permute, type Tensor } from "../tensor/tensor.ts";
import { shardHint } from "../weights/foreign-weights.ts";
import { readWeights } from "../weights/load.ts";
import { INPUT_MEAN } from "../weights/names.ts";
import { looksLikeSafetensors, readSafetensors } from "../weights/safetensors.ts";
import { meanShape, storedSize } from "./graphs.ts";
import { imagesFrom, numberIn, type ImageSettings } from "./image-settings.ts";

/** Mean of the ImageNet training set, BGR: what BVLC's models subtract where no mean image is given. */
const IMAGENET_MEAN = [104, 117, 123] as const;

/** A network with its weights and all that scoring needs. */
export interface TrainedNetwork {
  readonly network: Network;
  readonly classes: readonly string[];
  /** Whether the file or the caller named the classes; otherwise they are "class 0", "class 1", ... */
  readonly named: boolean;
  readonly width: number;
  readonly size: number;
  readonly images: ImageSettings;
  readonly weights: { readonly file: string; readonly bytes: Uint8Array };
  /** [stored, stored, 4] or [1, 1, 4], BGR and a zero. */
  readonly mean: Float32Array;
}

export interface PretrainedOptions {
  /** Names of the classes. Default: the file's, else "class 0", "class 1", ... */
  readonly labels?: readonly string[];
  /** The file that the labels come from, for errors. */
  readonly labelsFile?: string;
  /** AlexNet's mean image [1, 3, 256, 256], BGR (imagenet_mean.binaryproto). Default: the file's, else ImageNet's mean pixel everywhere. */
  readonly mean?: Tensor;
}

/** A network for scoring from a file of weights. Classes, width, size, labels, mean and how images are made are the file's where it records them. */
export function readPretrained(
  network: Network,
  weights: { file: string; bytes: Uint8Array },
  { labels, labelsFile, mean }: PretrainedOptions = {},
): TrainedNetwork {
  if (mean && network.mean !== "image")
    throw new Error(`${network.title} subtracts the mean pixel ${network.mean.join(", ")}: it takes no mean image`);
  const tensors = readWeights(weights.bytes, weights.file);
  const count = classesIn(network, tensors);
  if (count === undefined) {
    const last = network.lastLayers.at(-1);
    const known = [...tensors.keys()].slice(0, 6).join(", ");
    throw new Error(
      `${weights.file}: has no layer ${last}, so it is not ${network.title} with its classifier; it contains ${known}, ...${shardHint(weights.file)}`,
    );
  }
  const told = looksLikeSafetensors(weights.bytes) ? readSafetensors(weights.bytes, weights.file) : null;
  const metadata = told?.metadata ?? {};
  if ((metadata["network"] ?? network.name) !== network.name) {
    throw new Error(`${weights.file}: weights of ${metadata["network"]}, not of ${network.name}`);
  }
  if (labels && labelsFile !== undefined && labels.length !== count)
    throw new Error(`${labelsFile}: has ${labels.length} lines, but ${weights.file} has ${count} classes; write one name per line`);
  try {
    const size = Math.round(numberIn(metadata, "size", { otherwise: network.size, most: MAX_SIZE }));
    return {
      network,
      classes: labelsOf(count, metadata["labels"], labels),
      named: labels !== undefined || metadata["labels"] !== undefined,
      width: numberIn(metadata, "width", { otherwise: 1, most: 1 }),
      size,
      images: imagesFrom(metadata),
      weights,
      mean: meanFor(network, storedSize(network, size), mean, told?.tensors.get(INPUT_MEAN)),
    };
  } catch (error) {
    throw new Error(`${weights.file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

const MAX_SIZE = 2048;

/** Number of classes of the main classifier in a file, an inner product or a convolution: its biases, or its weights' outputs. Undefined without them. */
const classesIn = ({ lastLayers }: Network, tensors: ReadonlyMap<string, Tensor>): number | undefined =>
  tensors.get(`${lastLayers.at(-1)}/bias`)?.shape.at(-1) ?? tensors.get(`${lastLayers.at(-1)}/weight`)?.shape[0];

/** Whether a file's classifier is for these classes: by their names in Striatum's files, else by their number. */
export function isForClasses(network: Network, { file, bytes }: { file: string; bytes: Uint8Array }, classes: readonly string[]): boolean {
  const told = looksLikeSafetensors(bytes) ? readSafetensors(bytes, file).metadata["labels"] : undefined;
  return classesIn(network, readWeights(bytes, file)) === classes.length && (told === undefined || told === JSON.stringify(classes));
}

/** The names given, else the file's, else "class 0", "class 1", ... */
function labelsOf(count: number, told: string | undefined, given: readonly string[] | undefined): readonly string[] {
  const labels = given ?? (told === undefined ? Array.from({ length: count }, (_, i) => `class ${i}`) : parseLabels(told));
  if (labels.length !== count) throw new Error(`has ${count} classes, but ${labels.length} labels are given`);
  return labels;
}

function parseLabels(json: string): string[] {
  try {
    const labels: unknown = JSON.parse(json);
    if (Array.isArray(labels) && labels.every((label) => typeof label === "string")) return labels;
  } catch {
    // Falls through to the error below, as JSON that is not a list does.
  }
  throw new Error("labels in its metadata are not a JSON list of names");
}

/** [stored, stored, 4] or [1, 1, 4], BGR and a zero: the image given, else the file's own, else ImageNet's. */
function meanFor(network: Network, stored: number, image: Tensor | undefined, ours: Tensor | undefined): Float32Array {
  const wanted = meanShape(network, stored);
  if (ours && !image) {
    if (!sameShape(ours.shape, wanted)) throw new Error(`its mean is ${formatShape(ours.shape)}, expected ${formatShape(wanted)}`);
    return ours.data;
  }
  if (network.mean !== "image") return Float32Array.of(...network.mean, 0);
  const result = new Float32Array(sizeOf(wanted));
  if (!image) {
    for (let i = 0; i < result.length; i += 4) result.set(IMAGENET_MEAN, i);
    return result;
  }
  const [channels, height, width] = image.shape.slice(-3);
  if (channels !== 3 || height !== stored || width !== stored) {
    throw new Error(`the mean image must be [3, ${stored}, ${stored}], got [${image.shape.join(", ")}]`);
  }
  const interleaved = permute({ shape: [channels, height, width], data: image.data }, [1, 2, 0]).data;
  for (let pixel = 0; pixel < stored * stored; pixel++) result.set(interleaved.subarray(3 * pixel, 3 * pixel + 3), 4 * pixel);
  return result;
}
