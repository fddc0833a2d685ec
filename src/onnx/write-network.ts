// A network and its parameters as an ONNX file.
import { Graph } from "../graph/graph.ts";
import { build, type Network } from "../models/network.ts";
import { channelsLast } from "../ops/channels.ts";
import { softmax } from "../ops/softmax.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { joinChunks } from "../weights/protobuf.ts";
import type { Preprocessing } from "./metadata.ts";
import { onnxModel } from "./write.ts";

export interface WriteNetworkOptions {
  /** Number of classes. Default: that of the labels. */
  readonly classes?: number;
  /** Names of the classes. Default: the file does not say. */
  readonly labels?: readonly string[];
  /** Side of the input in pixels. Default: the network's. */
  readonly size?: number;
  /** Share of the network's channels. Default 1. */
  readonly width?: number;
  /** Whether the output is the softmax's, `p`, or what goes into it, `logits`. Default "probabilities". */
  readonly output?: "probabilities" | "logits";
  /** How a picture becomes the input. Default: what the network was read with, else blue, green, red less the network's mean pixel. */
  readonly preprocessing?: Preprocessing;
}

/**
 * The bytes of an ONNX file of a network for inference: input `image` [N, 3, size, size], of any number of images; nodes named as layers, initializers as
 * parameters, in Caffe's order. Heads that only training has are left out. Throws an Error that names what is missing or has no ONNX operator.
 */
export function writeOnnx(
  network: Network & { readonly preprocessing?: Preprocessing },
  weights: ReadonlyMap<string, Tensor>,
  { labels, classes = labels?.length, size = network.size, width = 1, output = "probabilities", preprocessing }: WriteNetworkOptions = {},
): Uint8Array {
  if (classes === undefined || (labels && labels.length !== classes))
    throw new Error(
      `writeOnnx: expected classes, a number, or labels, one for each class; got ${String(classes)} and ${labels?.length ?? "no"} labels`,
    );
  const graph = new Graph();
  const image = graph.input("image", [1, 3, size, size]);
  const x = graph.add(channelsLast, { x: image }, { channels: 4 }, "data").y;
  const { heads, parameters } = build(network, graph, x, { classes, width });
  const { logits } = heads[0];
  if (output === "logits") graph.output("logits", logits);
  else graph.output("p", graph.add(softmax, { x: logits }, {}, "prob").y);
  const mean = network.mean === "image" ? undefined : ({ channels: "bgr", mean: network.mean } as const);
  const said = preprocessing ?? network.preprocessing ?? mean;
  return joinChunks(
    onnxModel({ graph, parameters }, weights, {
      name: network.name,
      batch: "N",
      ...(labels && { labels }),
      ...(said && { preprocessing: said }),
    }),
  );
}
