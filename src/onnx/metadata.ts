// What an ONNX file says about its network besides the graph: labels, and how pictures are prepared. Keys of the model's metadata, values in JSON.
import { fileError } from "../weights/file-error.ts";
import type { OnnxModel } from "./parse.ts";

/** How a picture becomes a network's input: channels in order, from 0 to 255, less the mean, over the deviation. */
export interface Preprocessing {
  /** Order of the channels in the network's input. */
  readonly channels: "rgb" | "bgr";
  /** What is subtracted from each channel, in the network's order, from 0 to 255. */
  readonly mean: readonly [number, number, number];
  /** What each channel is divided by afterwards, likewise. Default 1. */
  readonly deviation?: readonly [number, number, number];
}

/** What torchvision's networks expect: 0.485, 0.456, 0.406 and 0.229, 0.224, 0.225 of 255. */
export const TORCHVISION: Preprocessing = {
  channels: "rgb",
  mean: [123.675, 116.28, 103.53],
  deviation: [58.395, 57.12, 57.375],
};

export const LABELS_KEY = "labels";
export const PREPROCESSING_KEY = "preprocessing";

export interface Metadata {
  readonly labels: readonly string[] | null;
  readonly preprocessing: Preprocessing | null;
}

/** Throws, naming the file, where a value is there and is not what it should be. */
export function readMetadata({ file, metadata }: Pick<OnnxModel, "file" | "metadata">): Metadata {
  const parsed = (key: string): unknown => {
    const text = metadata.get(key);
    if (text === undefined) return null;
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw fileError(file, `"${key}" of its metadata is not JSON`);
    }
  };
  const labels = parsed(LABELS_KEY);
  if (labels !== null && !(Array.isArray(labels) && labels.every((label) => typeof label === "string")))
    throw fileError(file, `"${LABELS_KEY}" of its metadata is not a list of texts`);
  const preprocessing = parsed(PREPROCESSING_KEY);
  if (preprocessing !== null && !isPreprocessing(preprocessing))
    throw fileError(file, `"${PREPROCESSING_KEY}" of its metadata is not { channels, mean, deviation }`);
  return { labels, preprocessing };
}

function isPreprocessing(value: unknown): value is Preprocessing {
  const { channels, mean, deviation = [1, 1, 1] } = Object(value) as Record<string, unknown>;
  const triple = (values: unknown): values is number[] =>
    Array.isArray(values) && values.length === 3 && values.every((each) => typeof each === "number" && Number.isFinite(each));
  return (channels === "rgb" || channels === "bgr") && triple(mean) && triple(deviation) && deviation.every((each) => each > 0);
}
