// A network's step with random inputs, prepared to be measured: its session, run once or ready to run, and its disposal.
import type { Engine } from "../engine/engine.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import type { Graph } from "../graph/graph.ts";
import { philox, unitFloat } from "../tensor/philox.ts";
import { sizeOf } from "../tensor/shape.ts";
import { inferenceGraph, MEAN, meanShape, scoringGraph, storedSize, type GraphOptions } from "./graphs.ts";
import { trainingGraph, type TrainingOptions } from "./training-graphs.ts";
import { noiseBatch } from "./noise-batch.ts";
import { Trainer } from "./trainer.ts";

/** Graphs of a network to measure: one training step, scoring of 8-bit pixels, inference on prepared images. */
export const MEASURED_GRAPHS = ["training", "scoring", "inference"] as const;
export type MeasuredGraph = (typeof MEASURED_GRAPHS)[number];

/** One of them, as `openOnNoise` runs it. */
export const measuredGraph = (graph: MeasuredGraph, options: GraphOptions): Graph =>
  graph === "training" ? trainingGraph(withSolver(options)).graph : (graph === "scoring" ? scoringGraph : inferenceGraph)(options).graph;

const withSolver = (options: GraphOptions): TrainingOptions => ({ ...options, momentum: 0.9, weightDecay: options.network.weightDecay });

export interface NoiseSession {
  readonly session: Session;
  dispose(): void;
}

const SEED = 1;

/** Opens a step and feeds it seeded noise. At rate 0 a training step does all its work, and the weights stay. */
export async function openOnNoise(
  engine: Engine,
  graph: MeasuredGraph,
  options: GraphOptions,
  sessionOptions: Omit<SessionOptions, "states"> = {},
): Promise<NoiseSession> {
  if (graph === "training") return openTraining(engine, options, sessionOptions);
  const made = measuredGraph(graph, options);
  const session = await Session.open(engine, made, sessionOptions);
  fillStates(session, made);
  if (graph === "scoring") {
    const { pixels, placement } = noiseOf(options);
    session.feed("pixels", pixels);
    session.feed("placement", placement);
  } else {
    const [image] = made.inputs;
    session.feed(
      image.name,
      Float32Array.from({ length: sizeOf(image.shape) }, (_, i) => 255 * unitFloat(philox([SEED, 0], [i, 0, 0, 6])[0]) - 127.5),
    );
  }
  return { session, dispose: () => session.dispose() };
}

async function openTraining(engine: Engine, options: GraphOptions, sessionOptions: Omit<SessionOptions, "states">): Promise<NoiseSession> {
  const { network, size } = options;
  const trainer = await Trainer.open(engine, withSolver(options), sessionOptions);
  trainer.setMean(new Float32Array(sizeOf(meanShape(network, storedSize(network, size)))).fill(127.5));
  await trainer.start(SEED);
  trainer.train(noiseOf(options), { seed: SEED, step: 0, rate: 0 });
  return { session: trainer.step, dispose: () => trainer.dispose() };
}

/** 1 / fan-in keeps activations at the size of pixels: neither zeros nor denormals, which some adapters compute at another speed. */
function fillStates(session: Session, { states }: Graph): void {
  for (const { name, value } of states) {
    const fanIn = sizeOf(value.shape) / (value.shape.at(-1) ?? 1);
    session.writeState(name, new Float32Array(sizeOf(value.shape)).fill(name === MEAN ? 0 : 1 / fanIn));
  }
}

const noiseOf = ({ network, size, batch, classes }: GraphOptions) =>
  noiseBatch({ seed: SEED, images: batch, stored: storedSize(network, size), classes });
