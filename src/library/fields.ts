// Receptive fields: which pixels of a network's input one element of a layer's output depends on.
import type { Graph, Node, Value } from "../graph/graph.ts";

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

/**
 * Pixels of the input that one output depends on, along either axis: output i depends on the pixels stride * i + first to stride * i + last. Those outside
 * the input are padding.
 */
export interface ReceptiveField {
  /** Pixels of the input from one output to the next. */
  readonly stride: number;
  /** First pixel of output 0; below 0 where it is padding. */
  readonly first: number;
  /** Last pixel of output 0. */
  readonly last: number;
}

/** The pixels of a network's input that one element depends on. */
export interface Frame {
  /** First row; below 0 where it is padding. */
  readonly row: number;
  /** First column; below 0 where it is padding. */
  readonly column: number;
  /** Number of rows, those in the padding included. */
  readonly rows: number;
  /** Number of columns, those in the padding included. */
  readonly columns: number;
  /** The part of it that lies in the picture: null where all of it is padding. */
  readonly inside: Window | null;
}

/** The field of one element of a map over an input of `size` rows and columns. */
export function frameOf({ stride, first, last }: ReceptiveField, size: number, row: number, column: number): Frame {
  const count = last - first + 1;
  const [top, left] = [row * stride + first, column * stride + first];
  const [startRow, startColumn] = [Math.max(0, top), Math.max(0, left)];
  const [rows, columns] = [Math.min(size, top + count) - startRow, Math.min(size, left + count) - startColumn];
  const inside = rows > 0 && columns > 0 ? { row: startRow, column: startColumn, rows, columns } : null;
  return { row: top, column: left, rows: count, columns: count, inside };
}

/** Fields of all values of a graph that have rows and columns and whose ops are known; the input of a network is the output of its first node. */
export function fieldsOf(graph: Graph): Map<Value, ReceptiveField> {
  const fields = new Map<Value, ReceptiveField>();
  graph.nodes.forEach((node, i) => {
    const [value] = Object.values(node.outputs);
    if (value.shape.length !== 4) return;
    const field = i === 0 ? { stride: 1, first: 0, last: 0 } : fieldOf(node, value, fields);
    if (field) fields.set(value, field);
  });
  return fields;
}

function fieldOf(node: Node, { shape }: Value, fields: ReadonlyMap<Value, ReceptiveField>): ReceptiveField | null {
  const inputs = Object.values(node.inputs).flatMap((input) =>
    fields.has(input) ? [{ input, field: fields.get(input) as ReceptiveField }] : [],
  );
  if (inputs.length === 0) return null;
  const { stride } = inputs[0].field;
  if (inputs.some(({ field }) => field.stride !== stride)) return null;
  const first = Math.min(...inputs.map(({ field }) => field.first));
  const last = Math.max(...inputs.map(({ field }) => field.last));
  const window = windowOf(node);
  if (window)
    return { stride: stride * window.stride, first: first - window.pad * stride, last: last + (window.size - 1 - window.pad) * stride };
  const samePixels = inputs.every(({ input }) => input.shape[1] === shape[1] && input.shape[2] === shape[2]);
  return samePixels ? { stride, first, last } : null;
}

function windowOf({ op, inputs, attributes }: Node): { readonly size: number; readonly stride: number; readonly pad: number } | null {
  const { size, stride, pad } = attributes;
  if (typeof stride !== "number" || typeof pad !== "number") return null;
  if (op.name === "conv2d") return { size: inputs["filter"].shape[1], stride, pad };
  return typeof size === "number" ? { size, stride, pad } : null;
}
