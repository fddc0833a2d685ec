// Striatum in the comparison: the same engine as in the command line and the library.
import { openTuning, tunedBy } from "../../src/cli/tuning.ts";
import { States } from "../../src/engine/buffers.ts";
import { openEngine, type Engine } from "../../src/engine/engine.ts";
import { measureRoofline } from "../../src/engine/roofline.ts";
import { Session, type SessionOptions } from "../../src/engine/session.ts";
import type { RunTuning } from "../../src/engine/tuning-table.ts";
import { openNodePlatform } from "../../src/platform/node.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { inferenceGraph, meanShape, storedSize } from "../../src/train/graphs.ts";
import { trainingGraph } from "../../src/train/training-graphs.ts";
import { writeParameter } from "../../src/train/parameters.ts";
import { NO_SUMS, Trainer } from "../../src/train/trainer.ts";
import { adapterOf } from "../conditions.ts";
import type { Runtime, Description, Inference, TrainingStep } from "./runtime.ts";
import { readWeights } from "./files.ts";
import { graphOptions, MEAN, RATE, seededBatch, seededImages, trainingOptions, type Workload } from "./workload.ts";

export async function openOurs(workload: Workload): Promise<Runtime> {
  const engine = await openEngine(await openNodePlatform());
  const graphs = [inferenceGraph(graphOptions(workload)).graph, trainingGraph(trainingOptions(workload)).graph];
  const { math, ...asked } = workload.ours;
  const tuning = await openTuning(engine, graphs, asked, { math });
  const own: Own = { engine, workload, weights: await readWeights(workload), sessionOptions: { math, ...tunedBy(tuning) } };
  let inference: Promise<() => Promise<Inference>> | undefined;
  let training: Promise<() => Promise<TrainingStep>> | undefined;
  return {
    describe: () => describe(engine, math, tuning),
    infer: async () => (await (inference ??= prepareInference(own)))(),
    train: async () => (await (training ??= prepareTraining(own)))(),
  };
}

interface Own {
  readonly engine: Engine;
  readonly workload: Workload;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly sessionOptions: Omit<SessionOptions, "states">;
}

async function describe(engine: Engine, math: string, tuning: RunTuning | null): Promise<Description> {
  const { runtime, webgpu, dawnFlags } = engine.platform.host;
  const canTime = engine.device.features.has("timestamp-query");
  return {
    versions: { runtime, webgpu, dawnFlags },
    kernels: `${math}, ${tuning ? `${Object.keys(tuning.table.problems).length} problems by table ${tuning.hash}` : "by the families' own rules"}`,
    adapter: engine.adapterName,
    details: adapterOf(engine),
    ...(canTime && { peak: await measureRoofline(engine) }),
  };
}

async function prepareInference({ engine, workload, weights, sessionOptions }: Own): Promise<() => Promise<Inference>> {
  const { graph, parameters } = inferenceGraph(graphOptions(workload));
  const states = States.of(engine, graph);
  for (const parameter of parameters) writeParameter(states, parameter, weights.get(parameter.name) as Tensor);
  const session = await Session.open(engine, graph, { ...sessionOptions, states });
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

async function prepareTraining({ engine, workload, weights, sessionOptions }: Own): Promise<() => Promise<TrainingStep>> {
  const options = trainingOptions(workload);
  const batch = seededBatch(workload);
  const trainer = await Trainer.open(engine, options, sessionOptions);
  trainer.load(weights);
  const stored = storedSize(options.network, workload.size);
  trainer.setMean(new Float32Array(sizeOf(meanShape(options.network, stored))).fill(MEAN));
  let step = 0;
  return async () => {
    trainer.setSums(NO_SUMS);
    const before = performance.now();
    trainer.train(batch, { seed: 0, step: step++, rate: RATE });
    await trainer.idle();
    const { loss } = await trainer.sums();
    return { ms: performance.now() - before, loss };
  };
}
