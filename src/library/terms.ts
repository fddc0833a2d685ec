// The arithmetic of one element of a value: what it reads, term by term, beside its float64 definition.
import type { BufferRange } from "../engine/buffers.ts";
import { gather, type DeviceBox } from "../engine/gather.ts";
import type { Node, Value } from "../graph/graph.ts";
import { mapPorts, type Array64 } from "../graph/op.ts";
import type { KernelName } from "../kernels/index.ts";
import { tileOf } from "../kernels/winograd.ts";
import { sizeOf, type Shape } from "../tensor/shape.ts";
import { boundOf } from "../verify/launch-tolerance.ts";
import { ARITHMETIC } from "./arithmetic/index.ts";
import { one, type Addend, type Box, type Cut, type Listing } from "./arithmetic/cut.ts";
import type { Frame, Window } from "./fields.ts";
import type { Opened, Readable } from "./opened.ts";

/** Position of an element. A vector's features are its channels. */
export interface Position {
  /** Channel, from 0. */
  readonly channel: number;
  /** Row, from 0. Default 0. */
  readonly row?: number;
  /** Column, from 0. Default 0. */
  readonly column?: number;
}

/** One term of the arithmetic of an element. */
export interface Term extends Required<Position> {
  /** Value that is read, by its id; null where it has none. */
  readonly id: string | null;
  /** What was read. */
  readonly value: number;
  /** What it is multiplied by. */
  readonly weight: number;
  /** What it adds: the product; in a normalisation the weight times the square of the value, in a softmax the exponential of the value less the largest one. */
  readonly product: number;
}

/** The part of a map that an element reads. It may reach beyond the map. */
export interface TermWindow extends Window {
  /** The map's id; null where it has none. */
  readonly id: string | null;
  /** First channel. */
  readonly channel: number;
  /** Number of channels. */
  readonly channels: number;
  /** Elements of the window that lie in the padding. */
  readonly padding: number;
}

/** The arithmetic of one element. */
export interface Terms {
  /** Id of the value. */
  readonly id: string;
  /** Position of the element. */
  readonly position: Required<Position>;
  /** Name of the op that computes it. */
  readonly op: string;
  /**
   * How it follows from `sum`. "sum": it is that times `factor`. "rectified": it is that, or 0 where that is negative. "largest": it is the value of `own`.
   * "normalised": it is the value of `own` times `sum` to the power of minus `exponent`. "share": it is the product of `own` divided by the sum of all products, to
   * which `bias` is added, times `factor`.
   */
  readonly how: "sum" | "rectified" | "largest" | "normalised" | "share";
  /** The terms in the order of the input, or those of the largest products, largest first, where there are more than were asked for. */
  readonly terms: readonly Term[];
  /** How many other terms there are, and what they add up to. */
  readonly rest: { readonly count: number; readonly sum: number };
  /** What is added to the products. */
  readonly bias: number;
  /** All products and, unless it is a share, the bias, in float64. */
  readonly sum: number;
  /** The term that the element is made of where `how` is "largest", "normalised" or "share", of several equal largest ones the first; else null. */
  readonly own: Term | null;
  /** Exponent of a normalisation; else 0. */
  readonly exponent: number;
  /** What the result is multiplied by. */
  readonly factor: number;
  /** What the device computed, in float32. */
  readonly value: number;
  /** The definition in float64 of what the device gave as inputs. */
  readonly exact: number;
  /** Largest error that float32 arithmetic may make; derived, not measured. */
  readonly bound: number;
  /** The part of the input that it reads, where that is a window of a map; else null. */
  readonly window: TermWindow | null;
  /** The pixels of the network's input that it depends on; null for all of them. */
  readonly frame: Frame | null;
}

/** The arithmetic of an element, at most `most` terms of it. Throws a TypeError for a value that is given or is a parameter's gradient. */
export async function termsOf(
  opened: Opened,
  { info: { id }, value, parameter }: Readable,
  position: Required<Position>,
  { most, frame, expectCurrent }: { readonly most: number; readonly frame: Frame | null; readonly expectCurrent: () => void },
): Promise<Terms> {
  const node = opened.made.graph.producer(value);
  const arithmetic = node && ARITHMETIC[node.op.name];
  if (!node || node.op.name === "constant") throw new TypeError(`terms: ${id} is given, not computed`);
  if (parameter) throw new TypeError(`terms: ${id} is the gradient of a parameter; there are terms of activations and of their gradients`);
  if (!arithmetic)
    throw new TypeError(`terms: there are no terms of the op "${node.op.name}", which computes ${id}; reference() computes it`);

  const at = enginePosition(position, value.shape);
  const computing = opened.session.plan.launches.filter((planned) => Object.values(planned.node.outputs).includes(value));
  const launches = computing.map(({ launch }) => launch);
  const element = { node, at, tile: tileOf(launches) ?? 1, fed: (input: Value) => fedOf(opened, input) };
  const cut = arithmetic.cut(element);
  const read = [
    { value, box: one(at) },
    ...Object.entries(cut.boxes).map(([port, box]) => ({ value: node.inputs[box.port ?? port], box })),
  ];
  const [[found], ...values] = await readBoxes(opened, read, expectCurrent);
  const inputs = Object.fromEntries(
    Object.entries(cut.boxes).map(([port, { extents }], i): [string, Array64] => [port, { shape: extents, data: values[i] }]),
  );
  const listing = arithmetic.list(element, cut, inputs);
  const { exact, bound } = definitionOf(node, cut, inputs, launches);

  const asTerm = ({ port, at: place, ...numbers }: Addend): Term => ({ ...placed(opened, node.inputs[port], place), ...numbers });
  const { how, addends, bias = 0, own, exponent = 0, factor = 1 } = listing;
  const listed = addends.length <= most ? addends : addends.toSorted((a, b) => Math.abs(b.product) - Math.abs(a.product)).slice(0, most);
  const total = (of: readonly Addend[]): number => of.reduce((sum, { product }) => sum + product, 0);
  const chosen = new Set(listed);
  const others = addends.filter((addend) => !chosen.has(addend));
  return {
    id,
    position,
    op: node.op.name,
    how,
    terms: listed.map(asTerm),
    rest: { count: others.length, sum: total(others) },
    bias,
    sum: total(addends) + (how === "share" ? 0 : bias),
    own: own ? asTerm(own) : null,
    exponent,
    factor,
    value: found,
    exact,
    bound,
    window: listing.window ? windowOf(opened, node, listing.window) : null,
    frame,
  };
}

/** The definition and its bound, from the smaller problem. */
function definitionOf(
  { op, outputs: whole }: Node,
  { attributes, shape, index }: Cut,
  inputs: Readonly<Record<string, Array64>>,
  launches: Parameters<typeof boundOf>[1],
): Pick<Terms, "exact" | "bound"> {
  const outputs = mapPorts(whole, () => ({ shape, dtype: "f32" as const }));
  const exact: Record<string, Float64Array> = op.reference(inputs, attributes, outputs);
  const bound = boundOf(op.name as KernelName, launches)({ op, inputs, attributes, outputs, exact });
  const [port] = Object.keys(outputs);
  return { exact: exact[port][index], bound: bound[port][index] };
}

/** An element in the engine's axes. */
const enginePosition = ({ channel, row, column }: Required<Position>, shape: Shape): readonly number[] =>
  shape.length === 4 ? [0, row, column, channel] : [0, channel];

/** A term's id and position: where a value is another's memory under another shape, those of the other. */
function placed(opened: Opened, value: Value, at: readonly number[]): Required<Position> & { readonly id: string | null } {
  const { values, made } = opened;
  const producer = made.graph.producer(value);
  if (producer?.op.alias) {
    const [source] = Object.values(producer.inputs);
    const position = at.reduce((sum, i, axis) => sum * value.shape[axis] + i, 0);
    const index = source.shape.map((extent, axis) => Math.floor(position / sizeOf(source.shape.slice(axis + 1))) % extent);
    return placed(opened, source, index);
  }
  const id = values.find((each) => each.value === value)?.info.id ?? null;
  const [row, column] = at.length === 2 ? [0, 0] : at.slice(1, 3);
  return { id, channel: at.length === 3 ? 0 : (at.at(-1) as number), row, column };
}

function windowOf(opened: Opened, node: Node, { port, box, padding }: NonNullable<Listing["window"]>): TermWindow {
  const { id } = placed(opened, node.inputs[port], box.origin);
  const [, row, column, channel] = box.origin;
  const [, rows, columns, channels] = box.extents;
  return { id, row, column, rows, columns, channel, channels, padding };
}

/** What the host fed as an input. */
function fedOf({ fed }: Opened, { name }: Value): ArrayLike<number> {
  const data = fed.get(name);
  if (!data) throw new Error(`internal: "${name}" cannot be read`);
  return data;
}

/** Boxes of values as they are now, read in one go. */
async function readBoxes(
  opened: Opened,
  boxes: readonly { readonly value: Value; readonly box: Box }[],
  expectCurrent: () => void,
): Promise<Float64Array[]> {
  const clipped = boxes.map(({ value, box }) => ({ value, box, ...clip(box, value.shape) }));
  const wanted: DeviceBox[] = [];
  const sources = clipped.map(({ value, origin, extents }) => {
    const source = sourceOf(opened, value);
    const strides = value.shape.map((_, axis) => sizeOf(value.shape.slice(axis + 1)));
    const first = origin.reduce((sum, i, axis) => sum + i * strides[axis], 0);
    if (sizeOf(extents) === 0) return () => [];
    if (!("bytes" in source)) return () => hostBox(source, { first, extents, strides });
    wanted.push({ range: source, first, extents, strides });
    const at = wanted.length - 1;
    return (read: readonly Float32Array[]) => read[at];
  });
  const read = await gather(opened.subject.engine, wanted, expectCurrent);
  return clipped.map(({ box, origin, extents }, i) => filled(box, { origin, extents, data: sources[i](read) }));
}

/** Where a value is: on the device, or here. */
function sourceOf(opened: Opened, value: Value): BufferRange | ArrayLike<number> {
  const { made, session, subject, changed } = opened;
  const output = made.outputs.get(value);
  if (output !== undefined) return session.output(output);
  const state = made.graph.states.find((each) => each.value === value);
  if (state) return changed.get(state.name) ?? subject.states.range(state.name);
  return fedOf(opened, value);
}

/** The part of a box that lies in an array. */
function clip({ origin, extents }: Box, shape: Shape): Box {
  const first = origin.map((start, axis) => Math.min(Math.max(start, 0), shape[axis]));
  const last = origin.map((start, axis) => Math.min(Math.max(start + extents[axis], 0), shape[axis]));
  return { origin: first, extents: last.map((end, axis) => end - first[axis]) };
}

function hostBox(data: ArrayLike<number>, { first, extents, strides }: Omit<DeviceBox, "range">): number[] {
  return Array.from(
    { length: sizeOf(extents) },
    (_, position) =>
      data[
        extents.reduce((at, extent, axis) => at + (Math.floor(position / sizeOf(extents.slice(axis + 1))) % extent) * strides[axis], first)
      ],
  );
}

/** A box with the part of it that was read, and `outside` elsewhere. */
function filled({ origin, extents, outside = 0 }: Box, part: Box & { readonly data: ArrayLike<number> }): Float64Array {
  const values = new Float64Array(sizeOf(extents)).fill(outside);
  const strides = extents.map((_, axis) => sizeOf(extents.slice(axis + 1)));
  for (let position = 0; position < part.data.length; position++) {
    let to = 0;
    part.extents.forEach((extent, axis) => {
      const index = Math.floor(position / sizeOf(part.extents.slice(axis + 1))) % extent;
      to += (part.origin[axis] - origin[axis] + index) * strides[axis];
    });
    values[to] = part.data[position];
  }
  return values;
}
