// The worker part of Weight: one weight of the run that learns, its gradient on some pictures three times over, and the terms of its sum.
import type { Difference, LayerNode, Look, LookOptions, Microscope } from "striatum/inspect";
import type { Lab } from "../../worker/lab.ts";
import type { Drawing } from "../../worker/painter.ts";
import { current } from "../learn/current.ts";
import { largest, termsOf, type MapValues, type Sum, type Term } from "./terms.ts";

/** A weight: the parameter's name, its place in Caffe's order, and its index there. */
export interface Which {
  readonly name: string;
  readonly at: readonly number[];
  readonly index: number;
}

/** A weight after a step. */
export interface Moment {
  readonly step: number;
  readonly value: number;
  readonly momentum: number;
}

/** Gradient of the mean loss of some pictures. */
export interface Gradient extends Sum {
  readonly step: number;
  /** Class of each picture. */
  readonly labels: readonly string[];
  /** What the kernel on the device gave. */
  readonly kernel: number;
  /** The definition in float64, of what the device gave as the layer's inputs. */
  readonly exact: number;
  /** Largest error that float32 may make there. */
  readonly bound: number;
  /** The same as a central difference; null where that takes long. */
  readonly difference: FiniteDifference | null;
  /** Multiplications of a finite difference. */
  readonly differenceTakes: number;
  /** Extents of the maps. */
  readonly input: { readonly name: string; readonly rows: number; readonly columns: number } | null;
  readonly output: { readonly name: string; readonly rows: number; readonly columns: number };
  /** Multipliers that the update takes for this parameter. */
  readonly rateMultiplier: number;
  readonly decayMultiplier: number;
}

/** The gradient of the mean loss of the same pictures as a central difference, in float64. */
export interface FiniteDifference {
  readonly value: number;
  /** Estimate of its error, where there are no kinks. */
  readonly error: number;
  /** Half the distance of the two values; for each picture, as it may differ. */
  readonly steps: readonly number[];
  /** The mean losses on both sides. */
  readonly up: number;
  readonly down: number;
  /** Kinks of the loss between the two values: ReLUs and pooling windows that change sides. */
  readonly kinks: number;
  /** Those that float32's roundings may put on another side than float64's. */
  readonly near: number;
}

/** The look that the maps are drawn from; null while others are computed, which replace it. */
let shown: Look | null = null;

const PICTURES = 2;
const TERMS = 20;
/** Passes of a finite difference of one picture, at most. */
const PASSES = 7;
/** Multiplications of a finite difference that is not asked for: some seconds. */
const AUTOMATIC = 1.5e8;
/** Networks of the paper's channels divided by this, or by more, are small. */
const SMALL_FROM = 4;
/** The weight as it is now. */
export async function moment(_lab: Lab, { name, index }: Which): Promise<Moment> {
  const { scope, step } = current();
  const [value, momentum] = await Promise.all([scope.read(`parameter:${name}`), scope.read(`momentum:${name}`)]);
  return { step, value: value.data[index], momentum: momentum.data[index] };
}

/** Where a layer's weights are used: its input, as far as it has one with an order, and its output. */
function usesOf(name: string): { readonly node: LayerNode; readonly input: LayerNode } {
  const { layers } = current().scope;
  const node = layers.find(({ parameters }) => parameters.includes(name));
  if (!node) throw new Error(`"${name}" is a parameter of training alone: choose one of a layer that scores too`);
  const named = (value: string): LayerNode => layers.find((layer) => layer.name === value) as LayerNode;
  const input = named(node.inputs[0]);
  // Flattened values lie in another order than Caffe's weights: those before them do not.
  return { node, input: input.op === "reshape" ? named(input.inputs[0]) : input };
}

/** All gradients of a small network, so that another weight needs no other graph; of a large one those of one parameter, which take much memory. */
const optionsOf = (label: number, name: string): LookOptions => ({
  of: { loss: label },
  parameters: current().settings.width >= SMALL_FROM ? "all" : [name],
});

/** The gradient of the mean loss of the first pictures. */
export async function gradient(_lab: Lab, which: Which): Promise<Gradient> {
  shown = null;
  const { scope, data, step } = current();
  const pictures = data.training.slice(0, PICTURES);
  const { name, at, index } = which;
  const { node, input } = usesOf(name);
  const share = 1 / pictures.length;
  const terms: Term[] = [];
  let [kernel, exact, bound] = [0, 0, 0];
  const differenceTakes = PICTURES * PASSES * multiplicationsOf(scope);
  const differences: Difference[] = [];
  for (const [number, { image, label }] of pictures.entries()) {
    const look = await scope.look(image, optionsOf(label, name));
    const reference = await look.reference(`gradient:${name}`);
    kernel += share * reference.found[index];
    exact += share * reference.exact[index];
    bound += share * reference.bound[index];
    terms.push(...(await termsIn(look, number, { node, input, at, share })));
    if (differenceTakes <= AUTOMATIC) differences.push(await look.difference(name, index));
  }
  const isBias = name.endsWith("/bias");
  return {
    step,
    labels: pictures.map(({ label }) => data.labels[label]),
    kernel,
    exact,
    bound,
    difference: differences.length > 0 ? meanOf(differences) : null,
    differenceTakes,
    ...largest(terms, TERMS),
    input: isBias ? null : { name: input.name, ...extentsOf(input) },
    output: { name: node.name, ...extentsOf(node) },
    rateMultiplier: isBias ? 2 : 1,
    decayMultiplier: isBias ? 0 : 1,
  };
}

/** The finite difference that `gradient` leaves out. */
export async function difference(_lab: Lab, { name, index }: Which): Promise<FiniteDifference> {
  shown = null;
  const { scope, data } = current();
  const found: Difference[] = [];
  for (const { image, label } of data.training.slice(0, PICTURES))
    found.push(await (await scope.look(image, optionsOf(label, name))).difference(name, index));
  return meanOf(found);
}

function meanOf(found: readonly Difference[]): FiniteDifference {
  const mean = (key: "value" | "error" | "up" | "down"): number => found.reduce((sum, each) => sum + each[key] / found.length, 0);
  return {
    value: mean("value"),
    error: mean("error"),
    steps: found.map(({ step }) => step),
    up: mean("up"),
    down: mean("down"),
    kinks: found.reduce((sum, { kinks }) => sum + kinks, 0),
    near: found.reduce((sum, { near }) => sum + near, 0),
  };
}

/** Draws the two maps that the terms of a picture lie on: what came in, and the gradient of what went out. */
export async function maps(
  lab: Lab,
  { name, at }: Which,
  picture: number,
  panels: { readonly input: number; readonly output: number },
): Promise<void> {
  const { scope, data } = current();
  const { node, input } = usesOf(name);
  const { image, label } = data.training[picture];
  const look = await scope.look(image, optionsOf(label, name));
  const isMap = input.shape.length === 4;
  const channel = isMap && at.length > 1 ? channelOf(node, input, at) : 0;
  const inner = at.length === 2;
  shown = look;
  const ofShown = (drawings: () => readonly Drawing[]) => (): readonly Drawing[] => (shown === look ? drawings() : []);
  lab.panels.show(
    panels.input,
    ofShown(() => [
      {
        tensor: look.view(`activation:${input.name}`),
        palette: "unsigned",
        scale: "map",
        ...(isMap && !inner ? { channel } : { columns: 32 }),
      },
    ]),
  );
  lab.panels.show(
    panels.output,
    ofShown(() => [{ tensor: look.view(`gradient:${node.name}`), palette: "signed", scale: "map", channel: at[0] }]),
  );
}

/** Each weight is multiplied once for each pixel of its layer's output. */
function multiplicationsOf({ layers, parameters }: Microscope): number {
  const uses = new Map(layers.flatMap((layer) => layer.parameters.map((name) => [name, layer] as const)));
  return parameters.reduce((sum, { name, shape }) => {
    const layer = uses.get(name);
    if (!layer || name.endsWith("/bias")) return sum;
    const { rows, columns } = extentsOf(layer);
    return sum + rows * columns * shape.reduce((product, extent) => product * extent, 1);
  }, 0);
}

const extentsOf = ({ shape }: LayerNode): { readonly rows: number; readonly columns: number } => ({
  rows: shape[2] ?? 1,
  columns: shape[3] ?? 1,
});

/** The input's channel that a weight of a filter looks at: filters of a group see the channels of their group. */
function channelOf(node: LayerNode, input: LayerNode, [output, channel]: readonly number[]): number {
  const perFilter = inputsPerFilter(node);
  const groups = Math.max(1, Math.floor(input.shape[1] / perFilter));
  return Math.floor(output / (node.shape[1] / groups)) * perFilter + channel;
}

function inputsPerFilter(node: LayerNode): number {
  const weight = current().scope.parameters.find(({ name }) => node.parameters.includes(name) && name.endsWith("/weight"));
  return weight?.shape[1] ?? 1;
}

async function termsIn(
  look: Look,
  picture: number,
  {
    node,
    input,
    at,
    share,
  }: { readonly node: LayerNode; readonly input: LayerNode; readonly at: readonly number[]; readonly share: number },
): Promise<Term[]> {
  const [output, channel, ky = 0, kx = 0] = at;
  const isMap = node.shape.length === 4;
  const gradientOf = await look.read(`gradient:${node.name}`, isMap ? { channel: output } : {});
  const ofMean = (values: ArrayLike<number>): number[] => Array.from(values, (each) => each * share);
  const dy: MapValues = isMap
    ? { ...extentsOf(node), data: ofMean(gradientOf.data) }
    : { rows: 1, columns: 1, data: ofMean([gradientOf.data[output]]) };
  if (at.length === 1) return termsOf(picture, { x: null, dy }, { ky, kx, stride: 1, pad: 0 });
  if (!isMap) {
    const { data } = await look.read(`activation:${input.name}`);
    return termsOf(picture, { x: { rows: 1, columns: 1, data: [data[channel]] }, dy }, { ky, kx, stride: 1, pad: 0 });
  }
  const read = await look.read(`activation:${input.name}`, { channel: channelOf(node, input, at) });
  const { stride, pad } = node.attributes as { readonly stride: number; readonly pad: number };
  return termsOf(picture, { x: { ...extentsOf(input), data: read.data }, dy }, { ky, kx, stride, pad });
}
