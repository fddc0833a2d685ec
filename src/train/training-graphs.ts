// The graphs of a network that learns, each one data: starting values, and a training step.
import type { SessionOptions } from "../engine/session.ts";
import { differentiate } from "../graph/autodiff.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { build, streamOf, type Parameter } from "../models/network.ts";
import { accumulate, add } from "../ops/add.ts";
import { countFinite } from "../ops/count-finite.ts";
import { constant } from "../ops/constant.ts";
import { lossScale, nextLossScale, peak, PEAK_SLOTS, scaledRate } from "../ops/loss-scale.ts";
import { randomFill } from "../ops/random-fill.ts";
import { sgd } from "../ops/sgd.ts";
import { softmaxLoss } from "../ops/softmax-loss.ts";
import { topK } from "../ops/top-k.ts";
import { buildOptions, croppedImages, momentumOf, type GraphOptions, type NetworkGraph } from "./graphs.ts";

export interface TrainingOptions extends GraphOptions {
  readonly momentum: number;
  readonly weightDecay: number;
  /** Scales the loss as the gradients of the step before suggest, and the update back: for gradients that are stored in 16 bits. Default false. */
  readonly scaledLoss?: boolean;
  /** Makes each head's loss an output, named by `headLoss`. Default false. */
  readonly headLosses?: boolean;
}

/** Whether a session's training step scales its loss: gradients are stored in half floats, or multiplied as such. */
export const scalesLoss = ({ storage, math }: Pick<SessionOptions, "storage" | "math">): boolean => storage === "f16" || math === "half";

/** Name of the output that holds a head's weighted loss. */
export const headLoss = (head: string): string => `loss/${head}`;

/** Running sums over the steps since they were last set to 0. */
export const LOSS_SUM = "metric/loss";
export const CORRECT_SUM = "metric/correct";
/** Steps after which the sum of the losses was a number. */
export const FINITE_STEPS = "metric/finite";
/** Logarithm of the loss's scale, where it is scaled. */
export const LOSS_EXPONENT = "loss/exponent";

/** Fills every parameter. Input: `random` (seed low, seed high, 0, 0). */
export function startGraph(options: GraphOptions): NetworkGraph {
  const { network, size = network.size, batch } = options;
  const graph = new Graph();
  const random = graph.input("random", [4], "u32");
  const x = graph.input("data", [batch, size, size, 4]);
  const built = build(network, graph, x, { ...buildOptions(options, true), random });
  for (const parameter of built.parameters) graph.update(parameter.value, filled(graph, parameter, random));
  return { graph, parameters: built.parameters, built };
}

function filled(graph: Graph, { name, value: { shape }, filler, fanIn, order }: Parameter, random: Value): Value {
  if (filler.kind === "constant") return graph.add(constant, {}, { value: filler.value, shape }, `${name}.start`).y;
  const stream = streamOf(name);
  const law =
    filler.kind === "xavier"
      ? ({ distribution: "uniform", scale: Math.sqrt(3 / fanIn) } as const)
      : ({ distribution: "gaussian", scale: filler.kind === "msra" ? Math.sqrt(2 / fanIn) : filler.std } as const);
  const attributes = { ...law, stream, shape, ...(order.kind === "filter" && { channels: order.channels / order.groups }) };
  return graph.add(randomFill, { random }, attributes, `${name}.start`).y;
}

/**
 * One step: forward, losses, backward, update. Inputs: `pixels`, `placement`, `labels`, `random` (seed low, seed high, step, 0), `rate`.
 * Loss (all heads, weighted), correct answers (main head, top 1) and steps until the loss is no number are added up in states.
 */
export function trainingGraph(options: TrainingOptions): NetworkGraph {
  const { batch, momentum, weightDecay, scaledLoss = false } = options;
  const graph = new Graph();
  const x = croppedImages(graph, options);
  const labels = graph.input("labels", [batch], "u32");
  const random = graph.input("random", [4], "u32");
  const rate = graph.input("rate", [2]);
  const exponent = scaledLoss ? graph.state(LOSS_EXPONENT, [1]) : null;
  const scale = exponent && graph.add(lossScale, { exponent }, {}, "loss/scale").scale;
  // Made early, so that each gradient is looked at, and taken, as soon as it is there.
  const stepSize = exponent ? graph.add(scaledRate, { rate, exponent }, {}, "rate/scaled").scaled : rate;
  const noPeaks = exponent && graph.add(constant, {}, { value: 0, shape: [PEAK_SLOTS] }, "peaks").y;
  const built = build(options.network, graph, x, { ...buildOptions(options, true), random });

  const losses = built.heads.map(
    ({ name, logits, lossWeight }) => graph.add(softmaxLoss, { x: logits, labels }, { weight: lossWeight }, `${name}/loss`).loss,
  );
  if (options.headLosses) built.heads.forEach(({ name }, i) => graph.output(headLoss(name), losses[i]));
  const objective = losses.reduce((a, b) => graph.add(add, { a, b }, {}, "objective").y);
  const correct = graph.add(topK, { x: built.heads[0].logits, labels }, { k: 1 }, "accuracy").correct;
  const summed = (name: string, x: Value): Value => {
    const total = graph.state(name, [1]);
    const { next } = graph.add(accumulate, { total, x }, {}, name);
    graph.update(total, next);
    return next;
  };
  const loss = summed(LOSS_SUM, objective);
  summed(CORRECT_SUM, correct);
  const finite = graph.state(FINITE_STEPS, [1]);
  graph.update(finite, graph.add(countFinite, { total: finite, x: loss }, {}, FINITE_STEPS).next);

  const learning = built.parameters.filter(({ rateMultiplier }) => rateMultiplier > 0);
  const gradients = differentiate(
    graph,
    losses,
    learning.map(({ value }) => value),
    { add, constant },
    ...(scale ? [scale] : []),
  );
  for (const { state, next } of built.updates) graph.update(state, next);
  if (noPeaks) graph.update(exponent, graph.add(nextLossScale, { exponent, peaks: peaksOf(graph, noPeaks) }, {}, LOSS_EXPONENT).next);
  for (const { name, value: w, rateMultiplier, decayMultiplier } of learning) {
    const v = graph.state(momentumOf(name), w.shape);
    const dw = gradients.get(w) as Value;
    const { nextW, nextV } = graph.add(
      sgd,
      { w, v, dw, rate: stepSize },
      { momentum, decay: weightDecay * decayMultiplier, rateMultiplier },
      `${name}.step`,
    );
    graph.update(w, nextW);
    graph.update(v, nextV);
  }
  return { graph, parameters: built.parameters, built };
}

const POOLING_BACKWARD = ["maxPoolBackward", "averagePoolBackward", "maxWindowsBackward", "meanWindowsBackward"];

/** The largest gradients that reach the pooling layers, which lie through the whole depth of a network. */
function peaksOf(graph: Graph, none: Value): Value {
  const pooled = graph.nodes.filter(({ op }) => POOLING_BACKWARD.includes(op.name));
  return pooled.reduce((peaks, { inputs: { dy }, label }) => graph.add(peak, { peaks, x: dy }, {}, `${label}.peak`).next, none);
}
