// Which parts of a picture raise a class, a loss or one output of a layer.
import type { Picture } from "../dataset/image.ts";
import { squash } from "../dataset/image.ts";
import { Session } from "../engine/session.ts";
import { sizeOf } from "../tensor/shape.ts";
import { gradCamOn, heatPicture } from "../train/grad-cam.ts";
import { microscopeGraph } from "../train/microscope-graph.ts";
import { coverCell } from "../train/occlusion.ts";
import { parameterOf } from "../train/parameters.ts";
import { expectKind, expectOptions, kind, oneOf, text, inWords, whole } from "./check.ts";
import { feedsOf, storedPicture } from "./feeds.ts";
import type { NetworkInternals } from "./network-internals.ts";
import { pictureOfInput } from "./pictures.ts";
import { probabilitiesOf, sessionsOf } from "./run.ts";
import { expectTarget, seedOf, TARGETS, targetOf, type Target } from "./target.ts";
import { ordered, placementOf, type TensorValues } from "./tensors.ts";

/** Options of `explain`. */
export interface ExplainOptions {
  /**
   * "grad-cam": the positions of a layer that raise a class (Selvaraju et al. 2017). "occlusion": by how much the class's probability falls where a grey patch
   * covers the picture (Zeiler and Fergus 2014). "gradient": derivatives, down to any layer, any parameter or the pixels. Default "grad-cam".
   */
  readonly method?: "grad-cam" | "occlusion" | "gradient";
  /** Index of the class that is asked about. Default: the likeliest. */
  readonly class?: number;
  /**
   * Grad-CAM: the layer that is looked at, one with rows and columns. Default: the last that is not a pool. Gradient: the layer or the parameter ("conv1/weight")
   * down to which derivatives are taken. Default "data", the pixels.
   */
  readonly layer?: string;
  /** Gradient: what is differentiated. Default: the score of `class`, before the softmax. */
  readonly of?: Target;
  /** Occlusion: cells along a side of the map, 1 to 64. Default 8. */
  readonly cells?: number;
}

/** Why a network said what it said. */
export interface Explanation {
  /** The class that was asked about; the likeliest, where `of` names something else. */
  readonly class: number;
  /** Its name. */
  readonly label: string;
  /** Its probability, 0 to 1. */
  readonly score: number;
  /**
   * Grad-CAM: [rows, columns] of the layer, 0 and up. Occlusion: [cells, cells], by how much the probability falls. Gradient: in the shape of the layer, [1,
   * channels, rows, columns] or [1, features], or of the parameter, in Caffe's order. "data" has the channels blue, green, red and one that is 0.
   */
  readonly map: TensorValues;
  /** The map over the picture as the network sees it, in colour; null for the gradient of a parameter or of a layer without rows. */
  readonly overlay: Picture | null;
}

const CELLS = kind((value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 64, "a whole number from 1 to 64");

/** Which options a method takes. */
const TAKES: Readonly<Record<string, readonly string[]>> = {
  "grad-cam": ["class", "layer"],
  occlusion: ["class", "cells"],
  gradient: ["class", "layer", "of"],
};

/** An explanation of one picture. */
export async function explain(net: NetworkInternals, input: unknown, options: ExplainOptions): Promise<Explanation> {
  expectOptions("explain", options, { method: oneOf(...Object.keys(TAKES)), class: whole(0), layer: text, of: TARGETS, cells: CELLS });
  const { method = "grad-cam", of } = options;
  for (const name of ["class", "layer", "of", "cells"] as const)
    if (options[name] !== undefined && !TAKES[method].includes(name))
      throw new TypeError(`explain: the method "${method}" takes no ${name}; it takes ${TAKES[method].join(", ")}`);
  const { classes } = net.trained;
  if (of && options.class !== undefined) throw new TypeError("explain: of and class exclude each other");
  if (options.class !== undefined)
    expectKind(
      "explain: class",
      options.class,
      kind((value) => (value as number) < classes.length, `0 to ${classes.length - 1}`),
    );
  if (of) expectTarget(of, classes.length);
  const picture = await storedPicture(net.trained, await pictureOfInput(net.engine.platform, input));
  const p = [...(await probabilitiesOf(net, [picture]))];
  const asked = options.class ?? (of && "class" in of ? of.class : p.indexOf(Math.max(...p)));
  const said = { class: asked, label: classes[asked], score: p[asked] };
  if (method === "occlusion") return { ...said, ...(await occlusion(net, picture, asked, options.cells ?? 8)) };
  if (method === "gradient") return { ...said, ...(await gradient(net, picture, of ?? { class: asked }, options.layer ?? "data")) };
  return { ...said, ...(await camOf(net, picture, asked, options.layer)) };
}

type Map = Pick<Explanation, "map" | "overlay">;

async function camOf(net: NetworkInternals, picture: Picture, asked: number, layer: string | undefined): Promise<Map> {
  const { engine, trained, scorer, sessionOptions } = net;
  return sessionsOf(net).exclusively(async () => {
    const options = { ...sessionOptions, ...(layer !== undefined && { layer }) };
    const [{ heat, map, side }] = await gradCamOn(engine, trained, scorer.states, [{ picture, class: asked }], options);
    return { map: { shape: [side, side], data: map }, overlay: heatPicture(picture, heat) };
  });
}

async function occlusion(net: NetworkInternals, picture: Picture, asked: number, cells: number): Promise<Map> {
  const { size: crop, classes } = net.trained;
  const mean = Array.from({ length: picture.channels }, (_, c) => {
    const values = picture.data.filter((__, i) => i % picture.channels === c);
    return Math.round(values.reduce((sum, value) => sum + value, 0) / values.length);
  });
  const covered = Array.from({ length: cells ** 2 }, (_, cell) => coverCell(picture, { crop, cells }, cell, mean));
  const p = await probabilitiesOf(net, [picture, ...covered]);
  const of = (view: number): number => p[view * classes.length + asked];
  const map = { shape: [cells, cells], data: Float32Array.from(covered, (_, cell) => of(0) - of(cell + 1)) };
  return { map, overlay: heatPicture(picture, onPicture(net, map)) };
}

async function gradient(net: NetworkInternals, picture: Picture, of: Target, layer: string): Promise<Map> {
  const { engine, scorer, sessionOptions } = net;
  const { parameters, graph } = scorer.built;
  const parameter = parameters.find(({ name }) => name === layer);
  const made = microscopeGraph(scorer.options, {
    target: targetOf(of, graph),
    parameters: parameter ? [layer] : [],
    only: parameter ? [] : [layer],
  });
  const found = made.gradients.get(layer);
  if (!found) throw new TypeError(`explain: what is asked about does not depend on ${inWords(layer)}`);
  const seed = "loss" in of ? null : seedOf(made, of);
  const [feed] = feedsOf(net.trained, [picture], 1);
  return sessionsOf(net).exclusively(async () => {
    const session = await Session.open(engine, made.graph, { ...sessionOptions, states: scorer.states });
    try {
      session.feed("pixels", feed.pixels);
      session.feed("placement", feed.placement);
      if ("loss" in of) session.feed("labels", Uint32Array.of(of.loss));
      if (seed) session.feed("seed", seed);
      session.run();
      const values = await session.read(made.outputs.get(found) as string);
      if (parameter) return { map: parameterOf(values, parameter), overlay: null };
      const placement = placementOf(found.shape);
      const map = { shape: placement.shape, data: ordered(values, placement) };
      return { map, overlay: map.shape.length === 4 ? heatPicture(picture, onPicture(net, largest(map))) : null };
    } finally {
      session.dispose();
    }
  });
}

/** The largest absolute value over the channels [1, channels, rows, columns], by position. */
function largest({ shape, data }: TensorValues): TensorValues {
  const [, channels, ...sides] = shape;
  const area = sizeOf(sides);
  const most = new Float32Array(area);
  for (let i = 0; i < channels * area; i++) most[i % area] = Math.max(most[i % area], Math.abs(data[i]));
  return { shape: sides, data: most };
}

/** A map of the network's crop, bilinearly, on the stored picture; what is below 0 is 0. */
function onPicture({ scorer, trained: { size } }: NetworkInternals, { shape: [, side], data }: TensorValues): Float32Array {
  const stored = scorer.built.graph.inputs[0].shape[1];
  const crop = squash({ unit: "HU", width: side, height: side, channels: 1, data }, size);
  const margin = Math.floor((stored - size) / 2);
  const heat = new Float32Array(stored * stored);
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++) heat[(row + margin) * stored + column + margin] = Math.max(0, crop[row * size + column]);
  return heat;
}
