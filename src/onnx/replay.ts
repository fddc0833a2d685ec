// Appends the nodes of an ONNX model to a graph of the project's ops: constants are folded, every other node becomes ops by operators/.
import type { Value } from "../graph/graph.ts";
import type { FurtherLayers } from "../models/further-layers.ts";
import type { Filler, Parameter } from "../models/network.ts";
import { channelsLast } from "../ops/channels.ts";
import { slice } from "../ops/concat.ts";
import { permute } from "../ops/permute.ts";
import { reshape } from "../ops/reshape.ts";
import { sameShape, sizeOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fileError } from "../weights/file-error.ts";
import { FOLDS, MAX_ELEMENTS, shapeTensor } from "./fold.ts";
import { channelsBehind, isKnown, natural, plainly, sameInMemory, stored, type Item, type Known, type Live } from "./live.ts";
import { isOnnxDomain, type OnnxModel, type OnnxNode } from "./parse.ts";
import { Reading } from "./refused.ts";
import type { HostTensor } from "./tensor.ts";

/** Elements of one value: what an array holds. */
export const MAX_VALUES = 2 ** 31 - 1;

/** Appends a node: one item for each of its outputs that is read. Inputs that are left out are null. */
export type Operator = (replay: Replay, reading: Reading, inputs: readonly (Item | null)[]) => readonly Item[];

export interface ReplayOptions {
  /** By name; those of constants are in fold.ts. */
  readonly operators: Readonly<Record<string, Operator>>;
  /** Images per step that the file was made for; null where it leaves them open. */
  readonly fileBatch: number | null;
  /** The nodes whose outputs follow the classes, and the number of classes in the file; null where the classes cannot change. */
  readonly head: Head | null;
  readonly classes: number;
}

export interface Head {
  readonly nodes: ReadonlySet<OnnxNode>;
  readonly classes: number;
}

/** One model on one graph. */
export class Replay {
  readonly layers: FurtherLayers;
  readonly model: OnnxModel;
  readonly options: ReplayOptions;
  /** The file's values of all parameters, in Caffe's order, by name; those of a head of other classes are missing. */
  readonly weights = new Map<string, Tensor>();
  readonly #items = new Map<string, Item>();
  /** Inputs with a fourth channel of padding, whoever reads them. */
  readonly #padded = new Map<Value, Value>();
  readonly #parameterNames = new Set<string>();
  readonly #readers: ReadonlySet<string>;
  #folded = 0;

  constructor(layers: FurtherLayers, model: OnnxModel, options: ReplayOptions) {
    this.layers = layers;
    this.model = model;
    this.options = options;
    this.#readers = new Set([...model.nodes.flatMap(({ inputs }) => inputs), ...model.outputs.map(({ name }) => name)]);
    for (const [name, known] of model.initializers) this.#items.set(name, { known, initializer: name });
  }

  set(name: string, item: Item): void {
    this.#items.set(name, item);
  }

  get(name: string): Item | undefined {
    return this.#items.get(name);
  }

  /** Appends the nodes that the wanted values depend on, up to the first that gives each. Throws, naming the node, where one cannot be read. */
  run(wanted: readonly string[]): void {
    const needed = neededFor(this.model, wanted);
    for (const node of this.model.nodes) {
      if (!needed.has(node) || node.outputs.every((name) => this.#items.has(name))) continue;
      const reading = new Reading(node, this.model.opset, this.model.file);
      const inputs = node.inputs.map((name) =>
        name === "" ? null : (this.#items.get(name) ?? reading.refuse(`input "${name}" is not there`)),
      );
      const outputs = this.#appended(reading, inputs);
      node.outputs.forEach((name, at) => {
        if (name === "" || !(at === 0 || this.#readers.has(name))) return;
        this.#items.set(name, outputs[at] ?? reading.refuse(`its output ${at} ("${name}") is read, which is not supported`));
      });
    }
    for (const name of wanted)
      if (!this.#items.has(name)) throw fileError(this.model.file, `output "${name}" is made by no node: not a whole model`);
  }

  /** The outputs of a node; an op's own error becomes one that names the node. */
  #appended(reading: Reading, inputs: readonly (Item | null)[]): readonly Item[] {
    const outputs = ((): readonly Item[] => {
      try {
        return this.#append(reading, inputs);
      } catch (error) {
        const isOwn = error instanceof Error && error.constructor === Error && !error.message.startsWith(this.model.file);
        if (isOwn && !error.message.startsWith("internal")) reading.refuse(error.message);
        throw error;
      }
    })();
    for (const output of outputs) {
      const shape = isKnown(output) ? output.known.dims : output.shape;
      if (isKnown(output)) this.#folded += sizeOf(shape);
      else if (!shape.every((extent) => extent >= 1) || sizeOf(shape) > MAX_VALUES)
        reading.refuse(`it makes a value of [${shape.join(", ")}]`);
      if (this.#folded > MAX_ELEMENTS) reading.refuse(`constants that nodes make have more than ${MAX_ELEMENTS} elements`);
    }
    return outputs;
  }

  #append(reading: Reading, inputs: readonly (Item | null)[]): readonly Item[] {
    const { operator } = reading;
    if (!isOnnxDomain(reading.node.domain)) reading.refuse("operators of other domains than ONNX's are not read");
    if (operator === "Shape" && inputs[0] && !isKnown(inputs[0]))
      return [{ known: shapeTensor(reading, inputs[0].shape), initializer: null }];
    const fold = Object.hasOwn(FOLDS, operator) ? FOLDS[operator] : undefined;
    if (fold && inputs.every((input) => input === null || isKnown(input)))
      return [
        {
          known: fold(
            reading,
            inputs.map((input) => input && input.known),
          ),
          initializer: null,
        },
      ];
    const { operators } = this.options;
    const operate = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
    if (!operate) {
      const read = [...new Set([...Object.keys(operators), ...Object.keys(FOLDS)])].toSorted();
      return reading.refuse(fold ? "its inputs are not constant" : `not an operator that is read; those are ${read.join(", ")}`);
    }
    return operate(this, reading, inputs);
  }

  /** The input as a value of the graph. */
  live(reading: Reading, input: Item | null | undefined, at = 0): Live {
    if (!input) return reading.refuse(`input ${at} is missing`);
    return isKnown(input) ? this.constant(reading, input.known) : input;
  }

  /** The input as a constant. */
  known(reading: Reading, input: Item | null | undefined, what: string): Known {
    if (!input) return reading.refuse(`${what} is missing`);
    return isKnown(input) ? input : reading.refuse(`${what} is not a constant`);
  }

  /** A constant as a value of the graph, which does not learn. */
  constant(reading: Reading, { dims, data }: HostTensor, order: readonly number[] = natural(dims.length)): Live {
    const layer = this.layerOf(reading, null, ["constant"]);
    const shape = stored(dims, order);
    const value = this.vector(layer, "constant", Float32Array.from(data), { shape, rate: 0 });
    return { value, shape: dims, order };
  }

  /** A parameter in the order that the graph has it in. */
  vector(
    layer: string,
    role: string,
    data: Float32Array,
    { shape = [data.length], rate = 1, start = 0 }: { readonly shape?: Shape; readonly rate?: number; readonly start?: number } = {},
  ): Value {
    return this.parameter(layer, role, { shape, data }, shape, {
      order: { kind: "bias" },
      fanIn: 1,
      rate,
      filler: { kind: "constant", value: start },
    });
  }

  /** A parameter, whose file's value is kept where it has the parameter's shape. */
  parameter(
    layer: string,
    role: string,
    caffe: Tensor,
    shape: Shape,
    {
      filler,
      ...rest
    }: Pick<Parameter, "order" | "fanIn"> & { readonly filler: Filler; readonly rate?: number; readonly caffeShape?: Shape },
  ): Value {
    const caffeShape = rest.caffeShape ?? caffe.shape;
    if (sameShape(caffeShape, caffe.shape)) this.weights.set(`${layer}/${role}`, caffe);
    return this.layers.parameter(layer, role, shape, filler, { ...rest, caffeShape });
  }

  /** The name of a node's layer: its weights' without their role, else the node's own, once for each of its roles. */
  layerOf(reading: Reading, weight: Known | null, roles: readonly string[]): string {
    const [, layer] = /^(.+)[./](?:weight|scale|shift)$/.exec(weight?.initializer ?? "") ?? [];
    const wanted = layer ?? reading.name;
    let name = wanted;
    for (let count = 2; roles.some((role) => this.#parameterNames.has(`${name}/${role}`)); count++) name = `${wanted}_${count}`;
    for (const role of roles) this.#parameterNames.add(`${name}/${role}`);
    return name;
  }

  /** The value with its axes in that order in memory. */
  ordered(live: Live, wanted: readonly number[]): Live {
    const { value, shape, order } = this.dense(live);
    if (wanted.every((axis, i) => axis === order[i])) return { value, shape, order };
    const next = stored(shape, wanted);
    if (sameInMemory(shape, order, wanted)) return { value: this.#reshaped(value, next, "axes"), shape, order: wanted };
    const axes = wanted.map((axis) => order.indexOf(axis));
    return { value: this.layers.op(permute, { x: value }, { axes }, `${value.name}.order`).y, shape, order: wanted };
  }

  /** The value as ONNX would lay it down. */
  plain(live: Live): Live {
    return this.ordered(live, natural(live.shape.length));
  }

  /** [images, height, width, channels]; with `padding` allowed, the image's fourth channel stays. */
  images(reading: Reading, live: Live, padding = false): Live {
    if (live.shape.length !== 4)
      reading.refuse(
        `its input has ${live.shape.length} axes, [${live.shape.join(", ")}]; expected images [images, channels, height, width]`,
      );
    if (padding && live.padded) return live;
    if (padding && live.shape[1] === 3 && !this.layers.graph.producer(live.value)) {
      const value =
        this.#padded.get(live.value) ?? this.layers.op(channelsLast, { x: live.value }, { channels: 4 }, `${live.value.name}.data`).y;
      this.#padded.set(live.value, value);
      return { value, shape: live.shape, order: channelsBehind(4), padded: true };
    }
    return this.ordered(live, channelsBehind(4));
  }

  /** The value without a channel of padding, and with features in ONNX's order. */
  dense(live: Live): Live {
    if (live.padded) {
      const value = this.layers.op(slice, { x: live.value }, { first: 0, count: live.shape[1] }, `${live.value.name}.channels`).y;
      return { value, shape: live.shape, order: live.order };
    }
    if (!live.flattened) return live;
    const [channels, height, width] = live.flattened;
    const value = this.layers.op(
      reshape,
      { x: live.value },
      { shape: [live.shape[0], height, width, channels] },
      `${live.value.name}.map`,
    ).y;
    const turned = this.plain({ value, shape: [live.shape[0], channels, height, width], order: channelsBehind(4) });
    return this.withShape(turned, live.shape);
  }

  /** The same elements in the same places under another shape; both in ONNX's order of axes. */
  withShape(live: Live, shape: Shape): Live {
    if (sameShape(live.value.shape, shape)) return plainly(live.value, shape);
    if (sizeOf(shape) !== sizeOf(live.shape))
      throw new Error(`internal: [${live.shape.join(", ")}] is not as large as [${shape.join(", ")}]`);
    return plainly(this.#reshaped(live.value, shape, "shape"), shape);
  }

  /** One reshape at most lies between a value and the one that it is read from. */
  #reshaped(value: Value, shape: Shape, suffix: string): Value {
    const node = this.layers.graph.producer(value);
    const origin = node?.op === reshape ? node.inputs["x"] : value;
    return sameShape(origin.shape, shape) ? origin : this.layers.op(reshape, { x: origin }, { shape }, `${value.name}.${suffix}`).y;
  }

  /** Whether another output than the first is read by a node or the caller. */
  isRead(reading: Reading, output: number): boolean {
    const name = reading.node.outputs[output];
    return name !== undefined && name !== "" && this.#readers.has(name);
  }

  /** The file's number of classes, where the node's outputs follow the classes and these are now others. */
  replacedClasses({ node }: Reading): number | null {
    const { head, classes } = this.options;
    return head && head.classes !== classes && head.nodes.has(node) ? head.classes : null;
  }
}

/** Nodes that the wanted values depend on. */
function neededFor({ nodes }: OnnxModel, wanted: readonly string[]): Set<OnnxNode> {
  const names = new Set(wanted);
  const needed = new Set<OnnxNode>();
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => name !== "" && names.has(name))) continue;
    needed.add(node);
    for (const name of node.inputs) names.add(name);
  }
  return needed;
}
