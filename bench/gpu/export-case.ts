// Exports a case for another implementation to reproduce: a network's initial weights, scores of a batch, and a few training steps with their
// pictures, labels and dropout masks, losses, and all weights and momenta after them. One safetensors file in Caffe's orders;
// torch_twin.py compares PyTorch with it. usage: tsx bench/gpu/export-case.ts --net alexnet --out alexnet.safetensors
import { Command } from "commander";
import { netOption, share, whole, withEngine } from "../../src/cli/options.ts";
import { say } from "../../src/cli/output.ts";
import type { Engine } from "../../src/engine/engine.ts";
import { Session } from "../../src/engine/session.ts";
import { Graph } from "../../src/graph/graph.ts";
import { networkNamed } from "../../src/models/index.ts";
import { build, streamOf } from "../../src/models/network.ts";
import { channelsLast } from "../../src/ops/channels.ts";
import { cropImages } from "../../src/ops/crop-images.ts";
import { dropout, type DropoutAttributes } from "../../src/ops/dropout.ts";
import { sizeOf, type Shape } from "../../src/tensor/shape.ts";
import { permute, type Tensor } from "../../src/tensor/tensor.ts";
import { meanShape, storedSize } from "../../src/train/graphs.ts";
import { trainingGraph, type TrainingOptions } from "../../src/train/training-graphs.ts";
import { noiseBatch } from "../../src/train/noise-batch.ts";
import { writeParameter } from "../../src/train/parameters.ts";
import { randomWords } from "../../src/train/step-inputs.ts";
import { NO_SUMS, Trainer, type Batch } from "../../src/train/trainer.ts";
import { writeSafetensors } from "../../src/weights/safetensors.ts";

interface CaseOptions {
  readonly net: string;
  readonly out: string;
  readonly batch: number;
  readonly steps: number;
  readonly classes: number;
  readonly width: number;
  readonly size?: number;
  readonly seed: number;
}

const FORMAT = "striatum-case-1";
const MEAN = 127.5;
/** Small: the steep losses of noise would magnify, step by step, the rounding that is compared. */
const RATE = 1e-4;
const MOMENTUM = 0.9;

await new Command("export-case")
  .description("export a network's numbers for another implementation to reproduce")
  .addOption(netOption())
  .requiredOption("--out <file>", "safetensors file to write")
  .option("--batch <n>", "images per step", whole(1), 2)
  .option("--steps <n>", "training steps", whole(1), 2)
  .option("--classes <n>", "classes", whole(2), 1000)
  .option("--width <share>", "share of the paper's channels", share, 1)
  .option("--size <pixels>", "side of the network's input (default: the paper's)", whole(32))
  .option("--seed <n>", "seed of weights, pictures and dropout", whole(0), 1)
  .action((options: CaseOptions) => withEngine((engine) => exportCase(engine, options)))
  .parseAsync();

async function exportCase(engine: Engine, { net, out, batch, steps, classes, width, size: asked, seed }: CaseOptions): Promise<void> {
  const network = networkNamed(net);
  const size = asked ?? network.size;
  const options = { network, classes, width, size, batch, momentum: MOMENTUM, weightDecay: network.weightDecay };
  const stored = storedSize(network, size);
  const tensors: [string, Tensor][] = [];

  const trainer = await Trainer.open(engine, options);
  try {
    trainer.setMean(new Float32Array(sizeOf(meanShape(network, stored))).fill(MEAN));
    await trainer.start(seed);
    const { parameters } = await trainer.snapshot();
    for (const [name, value] of parameters) tensors.push([`start/${name}`, value]);

    for (let step = 0; step < steps; step++) {
      const drawn = noiseBatch({ seed: seed + step, images: batch, stored, classes });
      const image = imagesOf(drawn, batch, stored, size);
      if (step === 0) tensors.push(["logits", await logitsOf(engine, options, parameters, image)]);
      trainer.setSums(NO_SUMS);
      trainer.train(drawn, { seed, step, rate: RATE });
      const { loss } = await trainer.sums();
      say(`step ${step}: loss ${loss}`);
      const labels = { shape: [batch], data: Float32Array.from(drawn.labels) };
      tensors.push([`step${step}/image`, image], [`step${step}/labels`, labels], [`step${step}/loss`, scalar(loss)]);
      for (const [layer, mask] of masksOf(options, seed, step)) tensors.push([`step${step}/mask/${layer}`, mask]);
    }

    const after = await trainer.snapshot();
    await trainer.idle();
    for (const [name, value] of after.parameters) tensors.push([`after/${name}`, value]);
    for (const [name, value] of after.momentum) tensors.push([`momentum/${name}`, value]);
  } finally {
    trainer.dispose();
  }

  const told = { network: net, batch, steps, classes, width, size, rate: RATE, adapter: engine.adapterName };
  const metadata = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, String(value)]));
  await engine.platform.files.write(out, writeSafetensors(tensors, { ...metadata, format: FORMAT }));
  say(`${out}: ${tensors.length} tensors`);
}

function scalar(value: number): Tensor {
  return { shape: [1], data: Float32Array.of(value) };
}

/** The network's input pictures, [images, 3, size, size]: exact in float32, as pixels and mean are. */
function imagesOf({ pixels, placement }: Batch, images: number, stored: number, size: number): Tensor {
  const array = (shape: Shape, values: ArrayLike<number>) => ({ shape, data: Float64Array.from(values) });
  const inputs = {
    pixels: array([images, stored, stored], pixels),
    placement: array([images, 4], placement),
    mean: array([1, 1, 4], [MEAN, MEAN, MEAN, 0]),
  };
  const { y } = cropImages.reference(inputs, { size, scale: 1 }, { y: { shape: [images, size, size, 4], dtype: "f32" } });
  const planes = permute({ shape: [images, size * size, 4], data: Float32Array.from(y) }, [0, 2, 1]);
  const image = new Float32Array(images * 3 * size * size);
  for (let n = 0; n < images; n++) image.set(planes.data.subarray(n * 4 * size * size, (n * 4 + 3) * size * size), n * 3 * size * size);
  return { shape: [images, 3, size, size], data: image };
}

/** The classifier's scores before the softmax, which would hide an error in a thousand small numbers. */
async function logitsOf(
  engine: Engine,
  { network, classes, width = 1, batch }: TrainingOptions,
  values: ReadonlyMap<string, Tensor>,
  image: Tensor,
): Promise<Tensor> {
  const graph = new Graph();
  const x = graph.add(channelsLast, { x: graph.input("image", image.shape) }, { channels: 4 }, "data").y;
  const { heads, parameters } = build(network, graph, x, { classes, width });
  graph.output("logits", heads[0].logits);
  const session = await Session.open(engine, graph);
  try {
    for (const parameter of parameters) writeParameter(session.states, parameter, values.get(parameter.name) as Tensor);
    session.feed("image", image.data);
    session.run();
    return { shape: [batch, classes], data: await session.read("logits") };
  } finally {
    session.dispose();
  }
}

/** The factors of each dropout layer in a step: 0 or 1 / (1 - ratio), by the op's own definition. */
function masksOf(options: TrainingOptions, seed: number, step: number): [string, Tensor][] {
  // Its backward pass is a dropout node too, with the stream of the layer and a label of its own.
  const layers = trainingGraph(options).graph.nodes.filter(
    ({ op, label, attributes }) => op.name === dropout.name && attributes["stream"] === streamOf(label),
  );
  const random = { shape: [4], data: Float64Array.from(randomWords(seed, step)) };
  return layers.map(({ label, outputs, attributes }) => {
    const { shape } = outputs["y"];
    const ones = { shape, data: new Float64Array(sizeOf(shape)).fill(1) };
    const { ratio, stream } = attributes;
    const { y } = dropout.reference({ x: ones, random }, { ratio, stream } as DropoutAttributes, { y: outputs["y"] });
    return [label, { shape, data: Float32Array.from(y) }];
  });
}
