// What an op is: a name, a shape rule, a float64 definition and a gradient. Ops are values; src/ops holds one file for each.
import type { DType, Shape } from "../tensor/shape.ts";

/** A value of a graph: made by one node, an input or a state. */
export interface Value {
  readonly id: number;
  /** Unique in its graph, readable: "conv1", "conv1.dx", "fc6/weight". */
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** What appends nodes: the graph, as a gradient rule sees it. */
export interface Builder {
  /** Appends a node and returns its outputs. */
  add<P, Q, A>(op: Op<P, Q, A>, inputs: Ports<P, Value>, attributes: A, label: string): Ports<Q, Value>;
}

export interface TensorType {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** A tensor in float64, as references read and write it. u32 values are held exactly. */
export interface Array64 {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Something for each port of an op; an optional port (`bias?`) stays optional. */
export type Ports<P, T> = { [K in keyof P]: T };

/** Something else for each port. */
export const mapPorts = <T, U>(values: Readonly<Record<string, T>>, map: (value: T, port: string) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(values).map(([port, value]) => [port, map(value, port)]));

/** Arguments of a gradient rule: the node's values and the gradients of its outputs. `dy` lacks outputs that no loss depends on. */
export interface GradientContext<P, Q, A> {
  readonly graph: Builder;
  readonly inputs: Ports<P, Value>;
  readonly outputs: Ports<Q, Value>;
  readonly dy: Partial<Ports<Q, Value>>;
  readonly attributes: A;
  /** Whether this input's gradient is needed. A rule must not build others. */
  readonly needs: (port: keyof P) => boolean;
  readonly label: string;
}

/** Gradients by port; undefined where not needed. */
export type Gradients<P> = { [K in keyof P]?: Value | undefined };

/** One run of an op, as its bound sees it. */
export interface Run {
  readonly op: Op;
  readonly inputs: Readonly<Record<string, Array64>>;
  readonly attributes: any;
  readonly outputs: Readonly<Record<string, TensorType>>;
  /** What the definition gives. */
  readonly exact: Readonly<Record<string, Float64Array>>;
}

/** Largest allowed errors of a float32 kernel, element by element, by output. */
export type Bound = (run: Run) => Record<string, Float64Array>;

/**
 * P and Q are the input and output ports, for example `{ x: Port; filter: Port; bias?: Port }`.
 * References work in float64 and are the definition that every kernel must equal.
 */
export interface Op<P = any, Q = any, A = any> {
  readonly name: string;
  /** Types of the outputs; throws where inputs and attributes do not fit, naming the label, what was wanted and what came. */
  infer(inputs: Ports<P, TensorType>, attributes: A, label: string): Ports<Q, TensorType>;
  reference(inputs: Ports<P, Array64>, attributes: A, outputs: Ports<Q, TensorType>): Ports<Q, Float64Array>;
  /** How far a float32 kernel may lie from `reference`; derived, with the helpers of src/ops/bounds.ts. */
  readonly bound: Bound;
  /** Absent where no gradient is defined (labels, updates, backward ops). */
  gradient?(context: GradientContext<P, Q, A>): Gradients<P>;
  /** Outputs that overwrite an input's memory, as [input, output]: the kernels of such an op work in place. */
  readonly inPlace?: readonly (readonly [keyof P & string, keyof Q & string])[];
  /** Ports that may lie inside a wider tensor of the same pixels, as some of its channels: the kernels of such an op take layouts. */
  readonly strided?: readonly (keyof P | keyof Q)[];
  /** The output is the input's memory under another shape: nothing is launched. */
  readonly alias?: true;
}

/** Marks a port in an op's type: `op<{ x: Port; bias?: Port }, { y: Port }, Attributes>`. */
export type Port = unknown;

/** Gives an op literal its types. */
export const op = <P, Q, A>(definition: Op<P, Q, A>): Op<P, Q, A> => definition;
