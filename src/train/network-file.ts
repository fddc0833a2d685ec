// A file of weights with all that scoring needs beside them: class names, size, mean, and how images were made.
import type { Network } from "../models/network.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { INPUT_MEAN } from "../weights/names.ts";
import { writeSafetensors } from "../weights/safetensors.ts";
import { imageMetadata, type ImageSettings } from "./image-settings.ts";

export interface NetworkFile {
  readonly network: Network;
  readonly classes: readonly string[];
  readonly width: number;
  readonly size: number;
  readonly images: ImageSettings;
  /** By name, in Caffe's order. */
  readonly parameters: ReadonlyMap<string, Tensor>;
  /** [stored, stored, 4] or [1, 1, 4]. */
  readonly mean: Tensor;
}

/** The file in chunks, as `readPretrained` reads it; `metadata` is written beside the rest. */
export const networkFile = (
  { network, classes, width, size, images, parameters, mean }: NetworkFile,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array[] =>
  writeSafetensors([...parameters, [INPUT_MEAN, mean]], {
    network: network.name,
    labels: JSON.stringify(classes),
    width: String(width),
    size: String(size),
    ...imageMetadata(images),
    ...metadata,
  });
