// One picture in a microscope: its activations, and gradients where they were asked for, read from the device or computed again in float64.
import { readBack, readParts, type BufferRange } from "../engine/buffers.ts";
import type { Engine } from "../engine/engine.ts";
import type { Session } from "../engine/session.ts";
import type { Value } from "../graph/graph.ts";
import { mapPorts, type Array64 } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { parameterOf } from "../train/parameters.ts";
import { expectKind, expectOptions, kind, whole, type Kind } from "./check.ts";
import type { Difference } from "./difference.ts";
import { fieldsOf, frameOf, type Frame, type Window } from "./fields.ts";
import { channelStrides, histogramOf, parameterStrides, type Histogram, type HistogramOptions } from "./histogram.ts";
import { launchesOf, type LaunchInfo } from "./launches.ts";
import { placeOf, readableIn, viewOf, type Opened, type Readable, type ValueInfo } from "./opened.ts";
import { caffePositions } from "./parameter-values.ts";
import { ordered, placementOf, readPlaced, type GpuTensor, type TensorValues } from "./tensors.ts";
import type { Position, Terms } from "./terms.ts";

/** Part of a value. */
export interface ReadOptions {
  /** One channel, from 0, of a value with rows and columns. Default: all. */
  readonly channel?: number;
  /** Part of the rows and columns; only what lies there is read back. Default: all. */
  readonly window?: Window;
}

/** Options of `terms`. */
export interface TermsOptions {
  /** Most terms that are listed, a whole number from 1. The others are added up. Default 12. */
  readonly most?: number;
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
    const { range, shape } = placeOf(this.#opened, value);
    const { channel, window } = options;
    if ((channel ?? window) !== undefined && shape.length !== 4)
      throw new TypeError(`read: ${id} has no rows and columns, so no channel and no window`);
    if (parameter) return parameterOf(await readBack(engine, range, sizeOf(shape)), parameter);
    const found = window ? await readWindow(engine, range, shape, { window, id }) : await readPlaced(engine, range, placementOf(shape));
    return channel === undefined ? found : channelOf(found, channel, id);
  }

  /** Where a value lies on the device, without a copy; of a parameter's gradient in the engine's order. */
  view(id: string): GpuTensor {
    return viewOf(this.#opened, this.#find(id));
  }

  /**
   * The float64 definition of a value, computed from what the device gave as its layer's inputs, with the bound of float32's errors. It runs on the host: a
   * large convolution takes seconds. Throws a TypeError for the gradient of the target itself, which is given and not computed.
   */
  async reference(id: string): Promise<ReferenceValues> {
    this.#expectUnaltered("reference");
    const { value, parameter } = this.#find(id);
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
    const [{ boundOf }, { worstOf }] = await Promise.all([import("../verify/launch-tolerance.ts"), import("../verify/judge.ts")]);
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

  /**
   * The gradient of the loss with respect to one value of a parameter, by its name and its index in the order in which `read` gives it, as a central difference of losses
   * that the host computes in float64 by the ops' definitions, from the pixels on. It takes as many multiplications as seven passes: seconds for a small network. Throws
   * a TypeError for a value that is not there, for a look whose target is not a loss, and for a network with ops whose kinks it cannot count.
   */
  async difference(parameter: string, index: number): Promise<Difference> {
    this.#expectUnaltered("difference");
    expectKind("difference: index", index, whole(0));
    this.#expectCurrent();
    const { differenceOf } = await import("./difference.ts");
    this.#expectCurrent();
    return differenceOf(this.#opened, parameter, index);
  }

  /**
   * The arithmetic of one element: what it reads, term by term, and its float64 definition beside what the device computed. Only what it reads is read back. Throws
   * a TypeError for a position that the value does not have, for the gradient of a parameter, and for the gradient of the target itself, which is given.
   */
  async terms(id: string, position: Position, options: TermsOptions = {}): Promise<Terms> {
    const readable = this.#find(id);
    expectOptions("terms", options, { most: whole(1) });
    const at = expectPosition("terms", readable, position);
    const frame = this.frame(id, at);
    const { termsOf } = await import("./terms.ts");
    this.#expectCurrent();
    return termsOf(this.#opened, readable, at, {
      most: options.most ?? 12,
      frame,
      expectCurrent: () => this.#expectCurrent(),
    });
  }

  /**
   * The pixels of the network's input that an element of an activation depends on, and at whose gradient it takes part; null for all of them. Throws a TypeError
   * for a position that the value does not have.
   */
  frame(id: string, position: Position): Frame | null {
    const readable = this.#find(id);
    const { row, column } = expectPosition("frame", readable, position);
    const { graph, activations } = this.#opened.made;
    const value = activations.get(readable.info.name);
    const field = value && fieldsOf(graph).get(value);
    const [, size] = (activations.get("data") as Value).shape;
    return field ? frameOf(field, size, row, column) : null;
  }

  /** How the values, or those of one channel, are distributed; counted on the device. Throws a TypeError for a channel that is not there. */
  async histogram(id: string, options: HistogramOptions = {}): Promise<Histogram> {
    expectOptions("histogram", options, { channel: whole(0) });
    const { value, parameter, info } = this.#find(id);
    const { channel } = options;
    const { range, shape } = placeOf(this.#opened, value);
    if (channel !== undefined && parameter) throw new TypeError(`histogram: ${id} is the gradient of a parameter, which has no channels`);
    if (channel !== undefined) expectPosition("histogram", { info }, { channel });
    const strided = parameter ? parameterStrides(parameter) : channelStrides(shape, channel);
    return histogramOf(this.#opened.subject.engine, { range, ...strided }, () => this.#expectCurrent());
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

  #expectUnaltered(what: string): void {
    if (this.#opened.isAltered) throw new Error(`${what}: a parameter had another value in this look, and has it no more`);
  }

  #expectCurrent(): void {
    this.#opened.subject.expectAlive();
    if (!this.#isCurrent()) throw new Error("this look was replaced by a later one, or its microscope was disposed: look again");
  }

  #find(id: string): Readable {
    this.#expectCurrent();
    return readableIn(this.#opened, id);
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

/** A position with all its members. Throws a TypeError for one that the value does not have. */
function expectPosition(what: string, { info: { id, shape } }: Pick<Readable, "info">, position: Position): Required<Position> {
  expectOptions(`${what}: position`, position, { channel: whole(0), row: whole(0), column: whole(0) });
  const { channel, row = 0, column = 0 } = position;
  const [, channels = 1, rows = 1, columns = 1] = shape;
  if (!(channel < channels && row < rows && column < columns))
    throw new TypeError(
      `${what}: ${id} has ${channels} channels, ${rows} rows and ${columns} columns, got channel ${channel}, row ${row}, column ${column}`,
    );
  return { channel, row, column };
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
