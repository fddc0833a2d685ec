// A network in float64 on the host: every op by its definition. No device takes part.
import { interpret, type Feeds, type Interpretation } from "../graph/interpret.ts";
import type { Value } from "../graph/graph.ts";
import { altered } from "../models/altered.ts";
import type { Parameter } from "../models/network.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { withClassNames } from "../train/class-names.ts";
import { MEAN, meanShape, scoringGraph, storedSize, type GraphOptions, type NetworkGraph } from "../train/graphs.ts";
import { DEFAULT_IMAGES } from "../train/image-settings.ts";
import { microscopeGraph, type MicroscopeGraph } from "../train/microscope-graph.ts";
import { engineValues, expectedShapes } from "../train/parameters.ts";
import { readPretrained } from "../train/pretrained.ts";
import { scoringOptions } from "../train/scorer.ts";
import { randomWords } from "../train/step-inputs.ts";
import { startGraph } from "../train/training-graphs.ts";
import { loadWeights } from "../weights/load.ts";
import { expectOptions, number, oneOf, texts, whole } from "./check.ts";
import { feedOf, type Sight } from "./feeds.ts";
import { hostPlatform, type Source } from "./host.ts";
import { layersOf, type LayerNode } from "./layer-nodes.ts";
import { networkOf, type Model, type ModelFamily } from "./model.ts";
import { readableOf, type Readable, type ValueInfo } from "./opened.ts";
import { expectElement, OTHER_VALUE, type OtherValue } from "./other-value.ts";
import { caffePositions } from "./parameter-values.ts";
import { pictureOfInput, type PictureInput } from "./pictures.ts";
import { readSource } from "./read-source.ts";
import { expectTarget, seedOf, TARGETS, targetOf, type Target } from "./target.ts";
import { ordered, placementOf } from "./tensors.ts";

/** Values of the float64 interpreter. */
export interface Values64 {
  /** Extents: [1, channels, height, width] or [1, features]; of a filter [outputs, channels, height, width]. */
  readonly shape: readonly number[];
  /** The values, the last axis fastest. */
  readonly data: Float64Array;
}

/** Options of an interpreter's `look`. */
export interface InterpretOptions {
  /** What gradients are of. Default: nothing is differentiated. */
  readonly of?: Target;
  /** Parameters whose gradients are computed, such as "conv1/weight". Default: none. */
  readonly parameters?: readonly string[];
  /** One value of a parameter that is another in this look, as for a finite difference. Default: none. */
  readonly instead?: OtherValue;
  /** With dropout and auxiliary heads as in the training step of this number, from 0. Default: as in scoring. */
  readonly step?: number;
}

const KINDS = { of: TARGETS, parameters: texts, instead: OTHER_VALUE, step: whole(0) };
/** ImageNet's mean pixel, blue, green, red: what BVLC's models subtract. */
const IMAGENET_MEAN = [104, 117, 123] as const;

/** One picture through a network in float64. It holds as long as the program keeps it. */
export class InterpretedLook {
  /** Probabilities of the classes. */
  readonly probabilities: Float64Array;
  /** Loss of each head by its name, weighted as in training; empty unless the target is a loss. */
  readonly losses: Readonly<Record<string, number>>;
  /** Every value that can be read, forward first. */
  readonly values: readonly ValueInfo[];
  readonly #readable: ReadonlyMap<string, Readable>;
  readonly #found: Interpretation;

  /** @internal */
  constructor(made: MicroscopeGraph, found: Interpretation) {
    const readable = readableOf(made, made.parameters);
    this.probabilities = found.of(made.graph.outputs.get("p") as Value);
    this.losses = Object.fromEntries([...made.losses].map(([name, value]) => [name, found.of(value)[0]]));
    this.values = readable.map(({ info }) => info);
    this.#readable = new Map(readable.map((each) => [each.info.id, each]));
    this.#found = found;
  }

  /** A value in Caffe's order, as `read` of a microscope's look gives it. Throws a TypeError for an id that is not in `values`. */
  read(id: string): Values64 {
    const readable = this.#readable.get(id);
    if (!readable) throw new TypeError(`read: there is no value "${id}" in this look`);
    const { value, parameter } = readable;
    const data = this.#found.of(value);
    if (parameter) return inCaffeOrder(parameter, data);
    const placement = placementOf(value.shape);
    return { shape: placement.shape, data: ordered(data, placement) };
  }
}

/** What an interpreter computes. */
interface Subject64 {
  readonly options: Omit<GraphOptions, "batch">;
  readonly labels: readonly string[];
  readonly sight: Sight;
  /** Parameters and mean in the engine's order. */
  readonly states: Feeds;
  readonly seed: number;
}

/** A network that is computed on the host by the definitions of its ops. `interpreter` and `untrainedInterpreter` make it. */
export class Interpreter {
  /** Names of the classes in the order of their indices. */
  readonly labels: readonly string[];
  /** Layers of the network in the order of the forward pass, as it scores. */
  readonly layers: readonly LayerNode[];
  readonly #subject: Subject64;
  readonly #scoring: NetworkGraph;

  /** @internal */
  constructor(subject: Subject64) {
    this.labels = subject.labels;
    this.#subject = subject;
    this.#scoring = scoringGraph({ ...subject.options, batch: 1 });
    this.layers = layersOf(this.#scoring.graph);
  }

  /** A parameter in Caffe's order: "parameter:conv1/weight". Throws a TypeError for another id. */
  read(id: string): Values64 {
    const parameter = this.#scoring.parameters.find(({ name }) => id === `parameter:${name}`);
    if (!parameter) throw new TypeError(`read: there is no parameter "${id}"; ids are "parameter:NAME"`);
    return inCaffeOrder(parameter, Float64Array.from(this.#subject.states[parameter.name]));
  }

  /**
   * Runs the network on one picture, and gradients where they are asked for, on this thread: a fraction of a second for the small networks that ship, minutes for a
   * full one. Throws a TypeError for what is not a picture and for a target or parameter that the network does not have.
   */
  async look(picture: PictureInput, options: InterpretOptions = {}): Promise<InterpretedLook> {
    expectOptions("look", options, KINDS);
    const { of, parameters = [], instead, step } = options;
    const { options: graphOptions, states, sight, seed: seeded } = this.#subject;
    if (of) expectTarget(of, this.labels.length);
    const other = instead && { ...instead, of: expectElement("look: instead", this.#scoring.parameters, instead) };
    const training = step !== undefined;
    const made = microscopeGraph(graphOptions, { target: targetOf(of, this.#scoring.graph), parameters, training });
    const seed = of && !("loss" in of) ? { seed: seedOf(made, of) } : {};
    const labels = of && "loss" in of ? { labels: [of.loss] } : {};
    const random = training ? { random: randomWords(seeded, step) } : {};
    const image = await pictureOfInput(await hostPlatform(), picture);
    const { pixels, placement } = await feedOf(sight, image);
    const changedStates = other ? { ...states, [other.parameter]: changed(other.of, states[other.parameter], other) } : states;
    return new InterpretedLook(made, interpret(made.graph, { pixels, placement, ...seed, ...labels, ...random }, changedStates));
  }
}

/**
 * Opens a network on the host, to be computed in float64 by the definitions of its ops: what every kernel is compared with, and what there is without a GPU. Reads
 * weights (.caffemodel, .safetensors) as `load` does, and throws as it does.
 */
export async function interpreter(family: ModelFamily, source: Source): Promise<Interpreter> {
  const network = networkOf(family({ classes: 2 }));
  const trained = await withClassNames(readPretrained(network, await readSource(await hostPlatform(), source)));
  const options = scoringOptions(trained, 1);
  const { parameters } = scoringGraph(options);
  const { weights, mean, classes: labels } = trained;
  const { values } = loadWeights(weights.bytes, weights.file, expectedShapes(parameters), { auxiliary: network.auxiliary });
  const states = Object.fromEntries(parameters.map((each) => [each.name, engineValues(each, values.get(each.name) as Tensor)]));
  return new Interpreter({ options, labels, sight: trained, states: { ...states, [MEAN]: mean }, seed: 0 });
}

/** Options of `untrainedInterpreter`. */
export interface UntrainedOptions {
  /** Seed of starting values and dropout, a whole number. Default 0. */
  readonly seed?: number;
  /** How weights start: as the reference model's, or by He et al.'s law. Default "reference". */
  readonly init?: "reference" | "msra";
  /** Multiplies the pixels once ImageNet's mean pixel is subtracted. Default 1. */
  readonly pixelScale?: number;
  /** Weight of the losses of auxiliary heads. Default: the network's, 0.3 in GoogLeNet. */
  readonly auxiliary?: number;
}

const UNTRAINED = {
  seed: whole(0),
  init: oneOf("reference", "msra"),
  pixelScale: number((value) => value > 0, "a number above 0"),
  auxiliary: number((value) => value >= 0, "a number from 0"),
};

/** Opens a network before its first step of training, with the values that a trainer of the same seed starts from. Throws a TypeError for a wrong option. */
export function untrainedInterpreter(model: Model, options: UntrainedOptions = {}): Interpreter {
  expectOptions("untrainedInterpreter", options, UNTRAINED);
  const { seed = 0, init = "reference", pixelScale = 1, auxiliary } = options;
  const network = auxiliary === undefined ? networkOf(model) : altered(networkOf(model), { auxiliary });
  const { classes, width, size } = model;
  const graphOptions = { network, classes, width, size, init, pixelScale };
  const { graph } = startGraph({ ...graphOptions, batch: 1 });
  const { states } = interpret(graph, { random: randomWords(seed, 0), data: new Float64Array(size * size * 4) });
  const stored = storedSize(network, size);
  const mean = new Float32Array(sizeOf(meanShape(network, stored)));
  for (let i = 0; i < mean.length; i += 4) mean.set(IMAGENET_MEAN, i);
  const labels = Array.from({ length: classes }, (_, i) => `class ${i}`);
  const sight = { network, size, images: { ...DEFAULT_IMAGES, pixelScale } };
  return new Interpreter({ options: graphOptions, labels, sight, states: { ...states, [MEAN]: mean }, seed });
}

function inCaffeOrder(parameter: Parameter, data: Float64Array): Values64 {
  const positions = caffePositions(parameter, data.length);
  const count = sizeOf(parameter.caffeShape);
  return { shape: parameter.caffeShape, data: Float64Array.from({ length: count }, (_, i) => data[positions[i]]) };
}

/** A parameter's values in the engine's order with one of them another. */
function changed(parameter: Parameter, data: ArrayLike<number>, { index, value }: OtherValue): Float64Array {
  const copy = Float64Array.from(data);
  copy[caffePositions(parameter, copy.length)[index]] = value;
  return copy;
}
