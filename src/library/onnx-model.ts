// Networks of ONNX files, used as alexnet and googlenet are.
import { readOnnx as readNetwork, type OnnxOptions } from "../onnx/read.ts";
import type { Preprocessing } from "../onnx/metadata.ts";
import { writeSafetensors } from "../weights/safetensors.ts";
import { joinChunks } from "../weights/protobuf.ts";
import type { Classifier } from "./classifier.ts";
import { expectKind, expectOptions, kind, object, text, whole } from "./check.ts";
import type { Device } from "./device.ts";
import type { FileLike } from "./host.ts";
import { family, type ModelFamily } from "./model.ts";

/** The network of an ONNX file with the file's weights. Called, it makes a model to train; its `load` reads weights that were trained from it. */
export interface OnnxModel extends ModelFamily {
  /** Number of classes of the file. */
  readonly classes: number;
  /** Names of the classes; null where the file does not say. */
  readonly labels: readonly string[] | null;
  /** How a picture becomes the network's input. */
  readonly preprocessing: Preprocessing;
  /** The file's weights, for `init` of a model that starts from them. */
  readonly weights: FileLike;
  /** Puts the network with the file's weights on a device, for inference. */
  open(device: Device): Promise<Classifier>;
}

/**
 * Reads an ONNX file, of operator sets 1 to 26, of a network that classifies colour pictures. Throws a TypeError for what is not its bytes, and an Error that names the
 * file, the node, its operator and the reason where one is damaged or not read, and what is missing where the file does not say how pictures are prepared.
 */
export function readOnnx(bytes: Uint8Array | ArrayBuffer, options: OnnxOptions = {}): OnnxModel {
  expectKind(
    "readOnnx: the file",
    bytes,
    kind((value) => value instanceof Uint8Array || value instanceof ArrayBuffer, "its bytes: a Uint8Array or an ArrayBuffer"),
  );
  expectOptions("readOnnx", options, {
    file: text,
    name: text,
    preprocessing: object("{ channels, mean, deviation } or TORCHVISION"),
    size: whole(1),
    output: text,
  });
  const network = readNetwork(bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes), options);
  const { classes, labels, preprocessing } = network;
  const made = family(network);
  const weights: FileLike = {
    name: options.file ?? "model.onnx",
    arrayBuffer: async () => joinChunks([...writeSafetensors([...network.weights])]).buffer as ArrayBuffer,
  };
  const open = (device: Device): Promise<Classifier> => made.load(device, weights, { ...(labels && { labels }) });
  return Object.assign(made, { classes, labels, preprocessing, weights, open });
}
