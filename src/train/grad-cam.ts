// The positions of a picture that raise a class score: gradient-weighted class activation maps (Selvaraju et al. 2017, "Grad-CAM: visual explanations
// from deep networks via gradient-based localization"). The whole map is one graph: forward, the class score's gradient by autodiff, and
// the weighted sum, so that the float64 interpreter checks it like everything else.
// Activations are [1, height, width, channels]; pictures and heat [height, width].
import { evaluationBatches } from "../dataset/batches.ts";
import { squash, type Picture } from "../dataset/image.ts";
import { allocateBatch } from "../dataset/stored-batch.ts";
import type { States } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import { Session, type SessionOptions } from "../engine/session.ts";
import { differentiate } from "../graph/autodiff.ts";
import type { Graph, Value } from "../graph/graph.ts";
import { add } from "../ops/add.ts";
import { averagePool } from "../ops/average-pool.ts";
import { constant } from "../ops/constant.ts";
import { conv2d } from "../ops/conv2d.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { relu } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { pictureSet } from "./evaluate.ts";
import { scoringGraph, storedSize, type GraphOptions, type NetworkGraph } from "./graphs.ts";
import { topK } from "./top-classes.ts";
import type { TrainedNetwork } from "./pretrained.ts";
import { scoringOptions, statesOf } from "./scorer.ts";

export interface GradCamGraph extends NetworkGraph {
  /** Values that the map is computed from. */
  readonly activation: Value;
  /** The gradient of the class score with respect to it. */
  readonly gradient: Value;
  /** The class score [1, 1], before the softmax. */
  readonly score: Value;
  /** [1, height, width, 1] */
  readonly map: Value;
}

/**
 * Inputs of the scoring graph of one image, and `class` [classes, 1]: 1 for the class that is asked about, else 0. Outputs `score`, `map`, `p`.
 * layer: a convolution, its ReLU, a pool or a module's output. Default: the last that is not a pool, the finest map of what the classifier sees.
 */
export function gradCamGraph(options: Omit<GraphOptions, "batch">, layer?: string): GradCamGraph {
  const built = scoringGraph({ ...options, batch: 1 });
  const { graph } = built;
  const activation = activationOf(graph, layer);
  const { logits } = built.built.heads[0];
  if (!followsFrom(graph, logits, activation))
    throw new TypeError(
      `Grad-CAM: the scores do not depend on layer "${layer}" by itself: scoring has it as part of the batch normalisation behind it, whose name may be given instead`,
    );
  const chosen = graph.input("class", [options.classes, 1]);
  const score = graph.add(innerProduct, { x: logits, weight: chosen }, {}, "score").y;
  const gradient = differentiate(graph, [score], [activation], { add, constant }).get(activation) as Value;

  // Equation 1: a channel's weight is the mean of its gradient over all positions. Equation 2: ReLU of the weighted sum of channels.
  const [, side, , channels] = activation.shape;
  const weights = graph.add(averagePool, { x: gradient }, { size: side, stride: 1, pad: 0 }, "cam/weights").y;
  const filter = graph.add(reshape, { x: weights }, { shape: [1, 1, 1, channels, 1] }, "cam/filter").y;
  const sum = graph.add(conv2d, { x: activation, filter }, { stride: 1, pad: 0 }, "cam/sum").y;
  const map = graph.add(relu, { x: sum }, {}, "cam/map").y;
  graph.output("score", score);
  graph.output("map", map);
  return { ...built, activation, gradient, score, map };
}

function activationOf({ nodes }: Graph, layer: string | undefined): Value {
  const maps = nodes.filter(({ outputs: { y }, label }) => y?.shape.length === 4 && label !== "data");
  const node = layer === undefined ? maps.findLast(({ op }) => !op.name.endsWith("Pool")) : maps.find(({ label }) => label === layer);
  if (!node) throw new TypeError(`Grad-CAM: there is no layer "${layer}"; the network has ${maps.map(({ label }) => label).join(", ")}`);
  return node.outputs["y"];
}

function followsFrom({ nodes }: Graph, value: Value, from: Value): boolean {
  const found = new Set([from]);
  for (const { inputs, outputs } of nodes)
    if (Object.values(inputs).some((input) => found.has(input))) for (const output of Object.values(outputs)) found.add(output);
  return found.has(value);
}

export interface View {
  /** Square, of the network's stored size. */
  readonly picture: Picture;
  /** Index of the class to ask about. Default: the most probable. */
  readonly class?: number;
}

export interface Heat {
  /** [stored, stored], 0 and up, in units of the score; 0 where the network's crop does not reach. Divide by the largest to show it. */
  readonly heat: Float32Array;
  /** The map itself [side, side]. */
  readonly map: Float32Array;
  readonly side: number;
  /** The class that was asked about, and its score before the softmax. */
  readonly class: number;
  readonly score: number;
  /** Probabilities of all classes. */
  readonly p: readonly number[];
}

export interface GradCamOptions extends Omit<SessionOptions, "states"> {
  /** As `gradCamGraph` takes it. */
  readonly layer?: string;
}

/** Heat of pictures, one after another through one session. Throws for a layer, a class or a picture's size that the network does not have. */
export async function gradCam(
  engine: Engine,
  trained: TrainedNetwork,
  views: readonly View[],
  { layer, ...sessionOptions }: GradCamOptions = {},
): Promise<Heat[]> {
  const states = await statesOf(engine, gradCamGraph(scoringOptions(trained, 1), layer), trained);
  try {
    return await gradCamOn(engine, trained, states, views, { ...(layer !== undefined && { layer }), ...sessionOptions });
  } finally {
    states.dispose();
  }
}

/** As `gradCam`, of a network whose parameters and mean are on the device already. */
export async function gradCamOn(
  engine: Engine,
  trained: Omit<TrainedNetwork, "weights" | "mean">,
  states: States,
  views: readonly View[],
  { layer, ...sessionOptions }: GradCamOptions = {},
): Promise<Heat[]> {
  const { network, classes, size } = trained;
  const stored = storedSize(network, size);
  for (const view of views) expectView(view, stored, classes.length);
  const asked = gradCamGraph(scoringOptions(trained, 1), layer);
  const session = await Session.open(engine, asked.graph, { ...sessionOptions, states });
  try {
    const source = evaluationBatches(
      pictureSet(
        trained,
        views.map(({ picture }) => picture),
      ),
      { batch: 1, crop: size },
    );
    const batch = allocateBatch(1, stored);
    const ask = (chosen: number): void => {
      session.feed(
        "class",
        Float32Array.from(classes, (_, i) => (i === chosen ? 1 : 0)),
      );
      session.run();
    };
    const results: Heat[] = [];
    for (const [i, view] of views.entries()) {
      await source.fill(i, batch);
      session.feed("pixels", batch.pixels);
      session.feed("placement", batch.placement);
      ask(view.class ?? 0);
      const p = [...(await session.read("p"))];
      const chosen = view.class ?? topK(p, classes, 1)[0].index;
      if (view.class === undefined && chosen !== 0) ask(chosen);
      const [[score], map] = await session.readAll(["score", "map"]);
      const [, side] = asked.map.shape;
      results.push({ heat: spread(map, side, { size, stored }), map, side, class: chosen, score, p });
    }
    return results;
  } finally {
    session.dispose();
  }
}

function expectView({ picture: { width, height }, class: chosen }: View, stored: number, classes: number): void {
  if (width !== stored || height !== stored)
    throw new Error(`Grad-CAM: a picture is ${width} x ${height} pixels, the network's are ${stored} x ${stored}: resize it first`);
  if (chosen !== undefined && !(Number.isInteger(chosen) && chosen >= 0 && chosen < classes))
    throw new Error(`Grad-CAM: there is no class ${chosen}, the network has ${classes}`);
}

/** A map [side, side] of the middle crop, bilinearly, on the stored picture. */
function spread(map: Float32Array, side: number, { size, stored }: { readonly size: number; readonly stored: number }): Float32Array {
  const crop = squash({ width: side, height: side, channels: 1, data: map }, size);
  const margin = Math.floor((stored - size) / 2);
  const heat = new Float32Array(stored * stored);
  for (let row = 0; row < size; row++) heat.set(crop.subarray(row * size, (row + 1) * size), (row + margin) * stored + margin);
  return heat;
}

/** From dark to bright, evenly to the eye: five of matplotlib's inferno. */
const COLOURS = [
  [0, 0, 4],
  [87, 16, 110],
  [188, 55, 84],
  [249, 142, 9],
  [252, 255, 164],
] as const;
/** Share of the colour where the heat is largest: the picture stays visible under it. */
const OPACITY = 0.65;

/** The heat over its picture, in colour; its largest value is brightest, and where it is 0 the picture is as it was. */
export function heatPicture({ width, height, channels, data }: Picture, heat: Float32Array): Picture {
  const largest = heat.reduce((most, value) => Math.max(most, value), 0);
  const result = new Uint8Array(width * height * 3);
  for (let i = 0; i < heat.length; i++) {
    const share = largest > 0 ? heat[i] / largest : 0;
    const at = Math.min(Math.floor(share * (COLOURS.length - 1)), COLOURS.length - 2);
    const part = share * (COLOURS.length - 1) - at;
    for (let c = 0; c < 3; c++) {
      const colour = COLOURS[at][c] + part * (COLOURS[at + 1][c] - COLOURS[at][c]);
      const grey = data[channels === 1 ? i : 3 * i + c];
      result[3 * i + c] = Math.round(grey + OPACITY * share * (colour - grey));
    }
  }
  return { width, height, channels: 3, data: result };
}
