// A network with its weights as a file.
import type { States } from "../engine/buffers.ts";
import type { Network, Parameter } from "../models/network.ts";
import type { Preprocessing } from "../onnx/metadata.ts";
import type { OnnxNetwork } from "../onnx/read.ts";
import { tensor, type Tensor } from "../tensor/tensor.ts";
import { MEAN, meanShape, storedSize } from "../train/graphs.ts";
import type { ImageSettings } from "../train/image-settings.ts";
import { networkFile, type NetworkFile } from "../train/network-file.ts";
import { parameterOf } from "../train/parameters.ts";
import { expectKind, expectOptions, oneOf, text } from "./check.ts";
import type { NetworkInternals } from "./network-internals.ts";

/** Options of `save`. */
export interface SaveOptions {
  /** Form of the file. Default: what the path ends in. */
  readonly format?: "safetensors" | "caffemodel" | "onnx";
}

const FORMATS = ["safetensors", "caffemodel", "onnx"] as const;
type Format = (typeof FORMATS)[number];

/** The form that a path's ending or the option names. Throws a TypeError where neither does. */
export function formatOf(path: string, options: SaveOptions): Format {
  expectKind("save: the path", path, text);
  expectOptions("save", options, { format: oneOf(...FORMATS) });
  const format = options.format ?? FORMATS.find((each) => path.toLowerCase().endsWith(`.${each}`));
  if (!format)
    throw new TypeError(
      `save: the path must end in ${FORMATS.map((each) => `.${each}`).join(", ")}, or format name one; got ${JSON.stringify(path)}`,
    );
  return format;
}

/** Writes the network in the form that its path's ending names. */
export async function save(net: NetworkInternals, path: string, options: SaveOptions): Promise<void> {
  const format = formatOf(path, options);
  const { scorer, trained, engine } = net;
  await engine.platform.files.write(path, await fileOf(format, await fileFrom(scorer.states, scorer.built.parameters, trained)));
}

/** Parameters and mean as they are on the device, with what a file says of them. */
export async function fileFrom(
  states: States,
  parameters: readonly Parameter[],
  described: Omit<NetworkFile, "parameters" | "mean">,
): Promise<NetworkFile> {
  const { network, size } = described;
  const values = await states.readAll([...parameters.map(({ name }) => name), MEAN]);
  return {
    ...described,
    parameters: new Map(
      parameters.map((parameter) => [parameter.name, parameterOf(values.get(parameter.name) as Float32Array, parameter)]),
    ),
    mean: tensor(meanShape(network, storedSize(network, size)), values.get(MEAN) as Float32Array),
  };
}

/** A network's file in chunks. */
export async function fileOf(
  format: Format,
  file: NetworkFile,
  metadata: Readonly<Record<string, string>> = {},
): Promise<Iterable<Uint8Array>> {
  const { network, classes, width, size, parameters, mean, images } = file;
  if (format === "caffemodel") return (await import("../weights/write-caffemodel.ts")).writeCaffemodel(network.name, parameters);
  if (format === "safetensors") return networkFile(file, metadata);
  const { writeOnnx } = await import("../onnx/write-network.ts");
  return [
    writeOnnx(network, parameters, {
      labels: classes,
      width,
      size,
      ...(mean.data.length === 4 && { preprocessing: preprocessingOf(network, mean, images) }),
    }),
  ];
}

/** How a picture becomes the input of a network that subtracts a mean pixel: in the network's order of channels, the scale as part of the deviation. */
function preprocessingOf(
  network: Network & Partial<Pick<OnnxNetwork, "preprocessing">>,
  { data }: Tensor,
  { pixelScale }: ImageSettings,
): Preprocessing {
  const { channels, deviation = [1, 1, 1] } = network.preprocessing ?? { channels: "bgr" };
  const [blue, green, red] = data;
  return {
    channels,
    mean: channels === "rgb" ? [red, green, blue] : [blue, green, red],
    deviation: [deviation[0] / pixelScale, deviation[1] / pixelScale, deviation[2] / pixelScale],
  };
}
