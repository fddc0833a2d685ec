// Weights of elsewhere, ready to score: what a file says of its network, and the mean that the reference models subtract.
import type { Network } from "../models/network.ts";
import { permute, type Tensor } from "../tensor/tensor.ts";
import { readWeights } from "../weights/load.ts";
import { looksLikeSafetensors, readSafetensors } from "../weights/safetensors.ts";
import { storedSize } from "./graphs.ts";
import { DEFAULT_IMAGES, type TrainedNetwork } from "./job.ts";

/** Mean of the ImageNet training set, BGR: what BVLC's models subtract where no mean image is at hand. */
const IMAGENET_MEAN = [104, 117, 123] as const;

export interface PretrainedOptions {
  /** Names of the classes; default "class 0", "class 1", ... */
  readonly labels?: readonly string[];
  /** AlexNet's mean image [1, 3, 256, 256], BGR (imagenet_mean.binaryproto). Default: the mean pixel everywhere. */
  readonly mean?: Tensor;
}

/** A network for scoring from a file of weights. Classes, width and size are read from the file where it tells them. */
export function readPretrained(
  network: Network,
  weights: { file: string; bytes: Uint8Array },
  { labels, mean }: PretrainedOptions = {},
): TrainedNetwork {
  const last = network.lastLayers.at(-1) as string;
  const tensors = readWeights(weights.bytes, weights.file);
  const shape = tensors.get(`${last}/weight`)?.shape;
  if (!shape) {
    const known = [...tensors.keys()].slice(0, 6).join(", ");
    throw new Error(`${weights.file}: has no layer ${last}, so it is not ${network.title} with its classifier; it holds ${known}, ...`);
  }
  const classes = shape.at(-2) ?? 0;
  if (labels && labels.length !== classes)
    throw new Error(`${weights.file} tells ${classes} classes apart, but ${labels.length} labels are given`);
  const told = looksLikeSafetensors(weights.bytes) ? readSafetensors(weights.bytes, weights.file).metadata : {};
  const size = Number(told["size"] ?? network.size);
  return {
    network,
    classes: labels ?? Array.from({ length: classes }, (_, i) => `class ${i}`),
    width: Number(told["width"] ?? 1),
    size,
    images: DEFAULT_IMAGES,
    weights,
    mean: meanFor(network, storedSize(network, size), mean),
  };
}

/** [stored, stored, 4] or [1, 1, 4], BGR and a zero. */
function meanFor({ mean: kind }: Network, stored: number, image?: Tensor): Float32Array {
  if (kind !== "image") return Float32Array.of(...kind, 0);
  const result = new Float32Array(stored * stored * 4);
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
