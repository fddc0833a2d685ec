// A network in float64 on the host: every op by its definition. No device takes part.
import { interpret, type Feeds, type Interpretation } from "../graph/interpret.ts";
import type { Value } from "../graph/graph.ts";
import type { Parameter } from "../models/network.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { withClassNames } from "../train/class-names.ts";
import { MEAN, scoringGraph, type NetworkGraph } from "../train/graphs.ts";
import { microscopeGraph, type MicroscopeGraph } from "../train/microscope-graph.ts";
import { engineValues, expectedShapes } from "../train/parameters.ts";
import { readPretrained, type TrainedNetwork } from "../train/pretrained.ts";
import { scoringOptions } from "../train/scorer.ts";
import { loadWeights } from "../weights/load.ts";
import { expectOptions, texts } from "./check.ts";
import { feedOf } from "./feeds.ts";
import { hostPlatform, type Source } from "./host.ts";
import { layersOf, type LayerNode } from "./layer-nodes.ts";
import { networkOf, type ModelFamily } from "./model.ts";
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
}

const KINDS = { of: TARGETS, parameters: texts, instead: OTHER_VALUE };

/** One picture through a network in float64. It holds as long as the program keeps it. */
export class InterpretedLook {
  /** Probabilities of the classes. */
  readonly probabilities: Float64Array;
  /** Every value that can be read, forward first. */
  readonly values: readonly ValueInfo[];
  readonly #readable: ReadonlyMap<string, Readable>;
  readonly #found: Interpretation;

  /** @internal */
  constructor(made: MicroscopeGraph, found: Interpretation) {
    const readable = readableOf(made, made.parameters);
    this.probabilities = found.of(made.graph.outputs.get("p") as Value);
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

/** A network that is computed on the host by the definitions of its ops. `interpreter` makes it. */
export class Interpreter {
  /** Names of the classes in the order of their indices. */
  readonly labels: readonly string[];
  /** Layers of the network in the order of the forward pass. */
  readonly layers: readonly LayerNode[];
  readonly #trained: TrainedNetwork;
  readonly #scoring: NetworkGraph;
  readonly #states: Feeds;

  /** @internal */
  constructor(trained: TrainedNetwork) {
    this.labels = trained.classes;
    this.#trained = trained;
    this.#scoring = scoringGraph(scoringOptions(trained, 1));
    this.layers = layersOf(this.#scoring.graph);
    const { parameters } = this.#scoring;
    const { network, weights, mean } = trained;
    const { values } = loadWeights(weights.bytes, weights.file, expectedShapes(parameters), { auxiliary: network.auxiliary });
    this.#states = {
      ...Object.fromEntries(parameters.map((each) => [each.name, engineValues(each, values.get(each.name) as Tensor)])),
      [MEAN]: mean,
    };
  }

  /** A parameter in Caffe's order: "parameter:conv1/weight". Throws a TypeError for another id. */
  read(id: string): Values64 {
    const parameter = this.#scoring.parameters.find(({ name }) => id === `parameter:${name}`);
    if (!parameter) throw new TypeError(`read: there is no parameter "${id}"; ids are "parameter:NAME"`);
    return inCaffeOrder(parameter, Float64Array.from(this.#states[parameter.name]));
  }

  /**
   * Runs the network on one picture, and gradients where they are asked for, on this thread: a fraction of a second for the small networks that ship, minutes for a
   * full one. Throws a TypeError for what is not a picture and for a target or parameter that the network does not have.
   */
  async look(picture: PictureInput, options: InterpretOptions = {}): Promise<InterpretedLook> {
    expectOptions("look", options, KINDS);
    const { of, parameters = [], instead } = options;
    if (of) expectTarget(of, this.labels.length);
    const other = instead && { ...instead, of: expectElement(this.#scoring.parameters, instead) };
    const made = microscopeGraph(scoringOptions(this.#trained, 1), { target: targetOf(of, this.#scoring.graph), parameters });
    const seed = of && !("loss" in of) ? { seed: seedOf(made, of) } : {};
    const labels = of && "loss" in of ? { labels: [of.loss] } : {};
    const image = await pictureOfInput(await hostPlatform(), picture);
    const { pixels, placement } = await feedOf(this.#trained, image);
    const states = other ? { ...this.#states, [other.parameter]: changed(other.of, this.#states[other.parameter], other) } : this.#states;
    return new InterpretedLook(made, interpret(made.graph, { pixels, placement, ...seed, ...labels }, states));
  }
}

/**
 * Opens a network on the host, to be computed in float64 by the definitions of its ops: what every kernel is compared with, and what there is without a GPU. Reads
 * weights (.caffemodel, .safetensors) as `load` does, and throws as it does.
 */
export async function interpreter(family: ModelFamily, source: Source): Promise<Interpreter> {
  const network = networkOf(family({ classes: 2 }));
  const trained = readPretrained(network, await readSource(await hostPlatform(), source));
  return new Interpreter(await withClassNames(trained));
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
