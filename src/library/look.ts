// One picture in a microscope: its activations, and gradients where they were asked for, read from the device or computed again in float64.
import { readBack, readParts, type BufferRange } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import type { Session } from "../engine/session.ts";
import { layerOf } from "../engine/stages.ts";
import type { Value } from "../graph/graph.ts";
import { mapPorts, type Array64 } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import type { Parameter } from "../models/network.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import type { MicroscopeGraph } from "../train/microscope-graph.ts";
import { parameterOf } from "../train/parameters.ts";
import { worstOf } from "../verify/judge.ts";
import { boundOf } from "../verify/launch-tolerance.ts";
import { expectOptions, kind, inWords, whole, type Kind } from "./check.ts";
import { launchesOf, type LaunchInfo } from "./launches.ts";
import { caffePositions, parameterPlacement } from "./parameter-values.ts";
import type { Subject } from "./subject.ts";
import { onDevice, ordered, placementOf, readPlaced, type GpuTensor, type TensorValues } from "./tensors.ts";

/** A value that can be read. */
export interface ValueInfo {
  /** Its kind, ":" and its name: "activation:conv1", "gradient:conv1", "gradient:conv1/weight", "parameter:conv1/weight", "momentum:conv1/weight". */
  readonly id: string;
  /** What it is. */
  readonly kind: "activation" | "gradient" | "parameter" | "momentum" | "loss";
  /** Caffe's name of the layer's output or of the parameter. */
  readonly name: string;
  /** Layer that it belongs to. */
  readonly layer: string;
  /** Extents as `read` gives them. */
  readonly shape: readonly number[];
}

/** Part of a value. */
export interface ReadOptions {
  /** One channel, from 0, of a value with rows and columns. Default: all. */
  readonly channel?: number;
  /** Part of the rows and columns; only what lies there is read back. Default: all. */
  readonly window?: Window;
}

/** A rectangle of rows and columns. */
export interface Window {
  /** First row. */
  readonly row: number;
  /** First column. */
  readonly column: number;
  /** Number of rows. */
  readonly rows: number;
  /** Number of columns. */
  readonly columns: number;
}

/** A value's float64 definition beside what the device computed. Arrays are in the order in which `read` gives the value. */
export interface ReferenceValues {
  /** Extents of the arrays. */
  readonly shape: readonly number[];
  /** The definition in float64 of what the device gave as the layer's inputs. */
  readonly exact: Float64Array;
  /** What the device computed. */
  readonly found: Float32Array;
  /** Largest error that float32 arithmetic may make, element by element; derived, not measured. */
  readonly bound: Float64Array;
  /** Largest error over its bound: at most 1 where the kernel is right. */
  readonly ratio: number;
  /** Position of that element in the arrays. */
  readonly worst: number;
}

export interface Readable {
  readonly info: ValueInfo;
  readonly value: Value;
  /** The parameter that it is the gradient of, if it is one. */
  readonly parameter: Parameter | null;
}

/** A microscope's graph on the device. */
export interface Opened {
  readonly subject: Subject;
  readonly key: string;
  readonly made: MicroscopeGraph;
  readonly session: Session;
  readonly values: readonly Readable[];
  /** Inputs as they were last fed, by name. */
  readonly fed: Map<string, Float32Array | Uint32Array>;
  /** Parameters that were others in this look, in the engine's order. */
  readonly changed: ReadonlyMap<string, Float32Array>;
  /** Whether one value of a parameter was another. */
  readonly isAltered: boolean;
}

/** What can be read of a microscope's graph: activations and losses in the order of the forward pass, then gradients. */
export function readableOf({ activations, gradients, losses }: MicroscopeGraph, parameters: readonly Parameter[]): Readable[] {
  const readable = (kind: ValueInfo["kind"], [name, value]: readonly [string, Value]): Readable => {
    const parameter = kind === "gradient" ? (parameters.find((each) => each.name === name) ?? null) : null;
    const shape = parameter ? parameter.caffeShape : placementOf(value.shape).shape;
    return { info: { id: `${kind}:${name}`, kind, name, layer: layerOf({ label: name }), shape }, value, parameter };
  };
  return [
    ...[...activations].map((entry) => readable("activation", entry)),
    ...[...losses].map((entry) => readable("loss", entry)),
    ...[...gradients].map((entry) => readable("gradient", entry)),
  ];
}

/** A picture as the network sees it, with gradients. It holds until the microscope's next `look`. */
export class Look {
  /** Probabilities of the classes. */
  readonly probabilities: Float32Array;
  /** Loss of each head by its name, weighted as in training; empty unless the target is a loss. */
  readonly losses: Readonly<Record<string, number>>;
  /** Every value that can be read, forward first. */
  readonly values: readonly ValueInfo[];
  readonly #opened: Opened;
  readonly #isCurrent: () => boolean;

  /** @internal */
  constructor(opened: Opened, results: Pick<Look, "probabilities" | "losses">, isCurrent: () => boolean) {
    this.probabilities = results.probabilities;
    this.losses = results.losses;
    this.values = opened.values.map(({ info }) => info);
    this.#opened = opened;
    this.#isCurrent = isCurrent;
  }

  /**
   * Reads a value, or one channel of it, in Caffe's order: activations [1, channels, height, width] or [1, features]. Throws a TypeError for an id that is not in
   * `values`, and an Error once another look replaced this one.
   */
  async read(id: string, options: ReadOptions = {}): Promise<TensorValues> {
    expectOptions("read", options, { channel: whole(0), window: WINDOW });
    const { value, parameter } = this.#find(id);
    const { engine } = this.#opened.subject;
    const { range, shape } = this.#place(value);
    const { channel, window } = options;
    if ((channel ?? window) !== undefined && shape.length !== 4)
      throw new TypeError(`read: ${id} has no rows and columns, so no channel and no window`);
    if (parameter) return parameterOf(await readBack(engine, range, sizeOf(shape)), parameter);
    const found = window ? await readWindow(engine, range, shape, { window, id }) : await readPlaced(engine, range, placementOf(shape));
    return channel === undefined ? found : channelOf(found, channel, id);
  }

  /** Where a value lies on the device, without a copy; of a parameter's gradient in the engine's order. */
  view(id: string): GpuTensor {
    const { value, parameter } = this.#find(id);
    const { range, shape } = this.#place(value);
    return onDevice(range, parameter ? parameterPlacement(parameter) : placementOf(shape));
  }

  /**
   * The float64 definition of a value, computed from what the device gave as its layer's inputs, with the bound of float32's errors. It runs on the host: a
   * large convolution takes seconds. Throws a TypeError for the gradient of the target itself, which is given and not computed.
   */
  async reference(id: string): Promise<ReferenceValues> {
    const { value, parameter } = this.#find(id);
    if (this.#opened.isAltered) throw new Error("reference: a parameter had another value in this look, and has it no more");
    const node = this.#opened.made.graph.producer(value);
    if (!node) throw new TypeError(`reference: ${id} is given, not computed`);
    const { op, attributes } = node;
    const port = Object.keys(node.outputs).find((each) => node.outputs[each] === value) as string;
    const inputs: Record<string, Array64> = {};
    for (const [name, input] of Object.entries(node.inputs))
      inputs[name] = { shape: input.shape, data: Float64Array.from(await this.#valuesOf(input)) };
    const outputs = mapPorts(node.outputs, ({ shape, dtype }) => ({ shape, dtype }));
    const exact: Record<string, Float64Array> = op.reference(inputs, attributes, outputs);
    const computing = this.#opened.session.plan.launches.filter((planned) => Object.values(planned.node.outputs).includes(value));
    const bound = boundOf(
      op.name as KernelName,
      computing.map(({ launch }) => launch),
    )({ op, inputs, attributes, outputs, exact });
    const found = Float64Array.from(await this.#valuesOf(value));
    const { ratio, index } = worstOf(found, exact[port], bound[port]);
    const placement = placementOf(value.shape);
    const positions = parameter
      ? caffePositions(parameter, found.length)
      : ordered(
          found.map((_, i) => i),
          placement,
        );
    const inOrder = (data: Float64Array): Float64Array => Float64Array.from(positions, (position) => data[position]);
    return {
      shape: parameter ? parameter.caffeShape : placement.shape,
      exact: inOrder(exact[port]),
      found: Float32Array.from(inOrder(found)),
      bound: inOrder(bound[port]),
      ratio,
      worst: positions.indexOf(index),
    };
  }

  /** The launches that computed it, in order. */
  launches(): LaunchInfo[] {
    return launchesOf(this.session());
  }

  /** @internal The session that computed it. Throws once another look replaced it. */
  session(): Session {
    this.#expectCurrent();
    return this.#opened.session;
  }

  #expectCurrent(): void {
    this.#opened.subject.expectAlive();
    if (!this.#isCurrent()) throw new Error("this look was replaced by a later one, or its microscope was disposed: look again");
  }

  #find(id: string): Readable {
    this.#expectCurrent();
    const found = this.#opened.values.find(({ info }) => info.id === id);
    if (!found)
      throw new TypeError(
        `there is no value ${inWords(id)} in this look; ids are "activation:NAME" and, where they were asked for, "gradient:NAME"`,
      );
    return found;
  }

  #place(value: Value): { readonly range: BufferRange; readonly shape: Shape } {
    const { shape, ...range } = this.#opened.session.output(this.#opened.made.outputs.get(value) as string);
    return { range, shape };
  }

  /** A value as the device has it, dense in the engine's order. */
  async #valuesOf(value: Value): Promise<ArrayLike<number>> {
    const { made, session, subject, fed, changed } = this.#opened;
    const output = made.outputs.get(value);
    if (output !== undefined) return session.read(output);
    const state = made.graph.states.find((each) => each.value === value);
    if (state) return changed.get(state.name) ?? subject.states.read(state.name);
    const input = fed.get(value.name);
    if (!input) throw new Error(`internal: "${value.name}" cannot be read`);
    return input;
  }
}

const WINDOW: Kind = kind((value) => {
  const { row, column, rows, columns } = Object(value) as Window;
  return [row, column].every((at) => whole(0)[0](at)) && [rows, columns].every((count) => whole(1)[0](count));
}, "{ row, column, rows, columns } in whole numbers");

/** Reads rows of a window of a map [1, height, width, channels], one range for each. */
async function readWindow(
  engine: Engine,
  { buffer, offset }: BufferRange,
  [, height, width, channels]: Shape,
  { window: { row, column, rows, columns }, id }: { readonly window: Window; readonly id: string },
): Promise<TensorValues> {
  if (row + rows > height || column + columns > width)
    throw new TypeError(
      `read: ${id} has ${height} rows and ${width} columns; the window ends at row ${row + rows} and column ${column + columns}`,
    );
  const elements = columns * channels;
  const lines = await readParts(
    engine,
    Array.from({ length: rows }, (_, i) => ({
      buffer,
      offset: offset + ((row + i) * width + column) * channels * 4,
      bytes: elements * 4,
      elements,
    })),
  );
  const dense = new Float32Array(rows * elements);
  lines.forEach((line, i) => dense.set(line, i * elements));
  const placement = placementOf([1, rows, columns, channels]);
  return { shape: placement.shape, data: ordered(dense, placement) };
}

function channelOf({ shape, data }: TensorValues, channel: number, id: string): TensorValues {
  if (channel >= shape[1]) throw new TypeError(`read: ${id} has ${shape[1]} channels, got channel ${channel}`);
  const size = sizeOf(shape.slice(2));
  return { shape: [shape[0], 1, ...shape.slice(2)], data: data.slice(channel * size, (channel + 1) * size) };
}
