// Striatum as a contestant: the engine that the command line and the library use, with nothing prepared for the occasion.
import { States } from "../../src/engine/buffers.ts";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { rooflineOf } from "../../src/engine/roofline.ts";
import { Session } from "../../src/engine/session.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { inferenceGraph, meanShape, storedSize } from "../../src/train/graphs.ts";
import { writeParameter } from "../../src/train/parameters.ts";
import { Trainer } from "../../src/train/trainer.ts";
import type { Contestant, Description, Inference, TrainingStep } from "./contestant.ts";
import { readWeights } from "./files.ts";
import { graphOptions, MEAN, MOMENTUM, PIXEL_SCALE, plain, RATE, seededBatch, seededImages, type Workload } from "./workload.ts";

export async function openOurs(workload: Workload): Promise<Contestant> {
  const engine = await openEngine(await openNodePlatform());
  const weights = await readWeights(workload);
  let inference: Promise<() => Promise<Inference>> | undefined;
  let training: Promise<() => Promise<TrainingStep>> | undefined;
  return {
    describe: () => describe(engine),
    infer: async () => (await (inference ??= prepareInference(engine, workload, weights)))(),
    train: async () => (await (training ??= prepareTraining(engine, workload, weights)))(),
  };
}

async function describe(engine: Engine): Promise<Description> {
  const { runtime, webgpu, dawnFlags } = engine.platform.host;
  const canTime = engine.device.features.has("timestamp-query");
  return {
    versions: { runtime, webgpu, dawnFlags },
    adapter: engine.adapterName,
    ...(canTime && { peak: await rooflineOf(engine) }),
  };
}

async function prepareInference(
  engine: Engine,
  workload: Workload,
  weights: ReadonlyMap<string, Tensor>,
): Promise<() => Promise<Inference>> {
  const { graph, parameters } = inferenceGraph(graphOptions(workload));
  const states = States.of(engine, graph);
  for (const parameter of parameters) writeParameter(states, parameter, weights.get(parameter.name) as Tensor);
  const session = await Session.open(engine, graph, { states });
  const { data } = seededImages(workload);
  return async () => {
    const before = performance.now();
    session.feed("image", data);
    session.run();
    const probabilities = await session.read("p");
    const ms = performance.now() - before;
    engine.check();
    return { ms, probabilities: [...probabilities] };
  };
}

async function prepareTraining(
  engine: Engine,
  workload: Workload,
  weights: ReadonlyMap<string, Tensor>,
): Promise<() => Promise<TrainingStep>> {
  const options = graphOptions(workload);
  const network = plain(options.network);
  const batch = seededBatch(workload);
  const trainer = await Trainer.open(engine, {
    ...options,
    network,
    pixelScale: PIXEL_SCALE,
    momentum: MOMENTUM,
    weightDecay: 0,
  });
  trainer.load(weights);
  trainer.setMean(new Float32Array(sizeOf(meanShape(network, storedSize(network, workload.size)))).fill(MEAN));
  let step = 0;
  return async () => {
    trainer.setSums({ loss: 0, correct: 0 });
    const before = performance.now();
    trainer.train(batch, { seed: 0, step: step++, rate: RATE });
    await trainer.idle();
    const { loss } = await trainer.sums();
    return { ms: performance.now() - before, loss };
  };
}
