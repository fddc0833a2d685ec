// How one element of an op's output is computed: the part of its inputs that it reads, as inputs of the same op on a smaller problem, and its terms.
import type { Node, Value } from "../../graph/graph.ts";
import type { Array64 } from "../../graph/op.ts";
import type { Shape } from "../../tensor/shape.ts";

/** What a rule is asked about. */
export interface Element {
  readonly node: Node;
  /** Its position in the output's axes, as the engine has them. */
  readonly at: readonly number[];
  /** Outputs along a side of what the kernel computes together: 1, but for Winograd's tiles. */
  readonly tile: number;
  /** An input that the host fed. */
  readonly fed: (value: Value) => ArrayLike<number>;
}

/** A box of an input, in its axes; it may reach beyond the input. */
export interface Box {
  readonly origin: readonly number[];
  readonly extents: readonly number[];
  /** Port of the whole problem's input. Default: that of the smaller one's. */
  readonly port?: string;
  /** What stands for what lies beyond the input. Default 0. */
  readonly outside?: number;
}

/** The smaller problem. */
export interface Cut {
  /** Its inputs by port: each is shaped like its box. */
  readonly boxes: Readonly<Record<string, Box>>;
  readonly attributes: object;
  /** Shape of its output. */
  readonly shape: Shape;
  /** Position of the element in its output. */
  readonly index: number;
}

/** One term: what is read, and where in the whole input. */
export interface Addend {
  readonly port: string;
  readonly at: readonly number[];
  readonly value: number;
  readonly weight: number;
  readonly product: number;
}

/** How the element follows from the sum of its terms and the bias. `Terms` describes these. */
export type How = "sum" | "rectified" | "largest" | "normalised" | "share";

export interface Listing {
  readonly how: How;
  readonly addends: readonly Addend[];
  /** Window of an input [images, rows, columns, channels], whether it lies in the input or not, and how many of its elements do not. */
  readonly window?: { readonly port: string; readonly box: Box; readonly padding: number };
  readonly bias?: number;
  readonly own?: Addend;
  readonly exponent?: number;
  readonly factor?: number;
}

/** A rule for one op. */
export interface Arithmetic {
  cut(element: Element): Cut;
  /** `inputs` are those of the smaller problem. */
  list(element: Element, cut: Cut, inputs: Readonly<Record<string, Array64>>): Listing;
}

/** A value of an array by its index. */
export const pick = ({ shape, data }: Array64, ...index: readonly number[]): number =>
  data[index.reduce((at, i, axis) => at * shape[axis] + i, 0)];

/** The same place in another channel. */
export const ofChannel = (at: readonly number[], channel: number): number[] => [...at.slice(0, -1), channel];

/** A box that holds one element. */
export const one = (at: readonly number[]): Box => ({ origin: at, extents: at.map(() => 1) });

/** A box that holds all of a value. */
export const all = ({ shape }: Value): Box => ({ origin: shape.map(() => 0), extents: shape });

/** Boxes of a window of a map that do not lie in it: windows have rows, columns and channels. */
export function paddingOf(
  { shape: [, height, width] }: Value,
  { origin: [, top, left], extents: [, rows, columns, channels] }: Box,
): number {
  const inside = (start: number, count: number, extent: number): number =>
    Math.max(0, Math.min(start + count, extent) - Math.max(start, 0));
  return (rows * columns - inside(top, rows, height) * inside(left, columns, width)) * channels;
}

/** Whether a pixel lies in a map. */
export const within = ({ shape: [, height, width] }: Value, row: number, column: number): boolean =>
  row >= 0 && row < height && column >= 0 && column < width;

/** The windows, by their number along one axis, that may hold a place counted from the padding's edge: at least one. */
export function windowsAround(
  place: number,
  { size, stride, count }: { readonly size: number; readonly stride: number; readonly count: number },
) {
  const last = Math.min(Math.floor(place / stride), count - 1);
  const first = Math.min(last, Math.max(0, Math.ceil((place - size + 1) / stride)));
  return { first, count: last - first + 1 };
}
