// The graph is data: an append-only list of nodes in single-assignment form. Building one needs no GPU; it can be printed, verified,
// hashed, differentiated and interpreted. One training step is one graph: forward, losses, backward, update.
import type { DType, Shape } from "../tensor/shape.ts";
import type { Builder, Op, Ports, Value } from "./op.ts";

export type { Value } from "./op.ts";

export interface Node {
  readonly op: Op;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The layer it belongs to, for people: "inception_3a/3x3". */
  readonly label: string;
}

/** A value that outlives a step: a parameter, its momentum, a running sum. `next` is what it becomes when the step ends. */
export interface State {
  readonly name: string;
  readonly value: Value;
  next: Value | null;
}

/** Where a value lies in a wider one of the same pixels: its channel 0 is channel `first` there. */
export interface View {
  readonly of: Value;
  readonly first: number;
}

/** What a node overwrites, as [input, output]: an optional input that is absent overwrites nothing. */
export const overwrites = ({ op, inputs }: Pick<Node, "op" | "inputs">): readonly (readonly [string, string])[] =>
  (op.inPlace ?? []).filter(([input]) => input in inputs);

export class Graph implements Builder {
  readonly inputs: Value[] = [];
  readonly states: State[] = [];
  readonly nodes: Node[] = [];
  readonly outputs = new Map<string, Value>();
  /** Values that lie inside another one, as some of its channels: nothing is copied to join or to cut. */
  readonly views = new Map<Value, View>();
  readonly #producers = new Map<Value, Node>();
  readonly #names = new Map<string, number>();
  #count = 0;

  /** A value that the host feeds before each step. */
  input(name: string, shape: Shape, dtype: DType = "f32"): Value {
    const value = this.#value(name, shape, dtype);
    this.inputs.push(value);
    return value;
  }

  /** A value that is kept from step to step. */
  state(name: string, shape: Shape, dtype: DType = "f32"): Value {
    if (this.states.some((state) => state.name === name)) throw new Error(`graph: there is a state "${name}" already`);
    const value = this.#value(name, shape, dtype);
    this.states.push({ name, value, next: null });
    return value;
  }

  /** Says what a state becomes at the end of the step. */
  update(value: Value, next: Value): void {
    const state = this.states.find((candidate) => candidate.value === value);
    if (!state) throw new Error(`graph: "${value.name}" is not a state and cannot be updated`);
    if (state.next) throw new Error(`graph: state "${state.name}" is updated twice`);
    state.next = next;
  }

  /** Names a value that the host may read after a step. */
  output(name: string, value: Value): void {
    if (this.outputs.has(name)) throw new Error(`graph: there is an output "${name}" already`);
    this.outputs.set(name, value);
  }

  /** Appends a node. Its outputs are named after `label`: the first output alone, others with their port. */
  add<P, Q, A>(op: Op<P, Q, A>, inputs: Ports<P, Value>, attributes: A, label: string): Ports<Q, Value> {
    const types = op.infer(inputs, attributes, label) as Record<string, { shape: Shape; dtype: DType }>;
    const outputs: Record<string, Value> = {};
    Object.entries(types).forEach(([port, { shape, dtype }], at) => {
      outputs[port] = this.#value(at === 0 ? label : `${label}.${port}`, shape, dtype);
    });
    const present = Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)) as Record<string, Value>;
    const node: Node = { op, inputs: present, outputs, attributes: attributes as Record<string, unknown>, label };
    this.nodes.push(node);
    for (const value of Object.values(outputs)) this.#producers.set(value, node);
    return outputs as Ports<Q, Value>;
  }

  /** A value that no node makes yet: for passes, which write nodes themselves. */
  make(name: string, shape: Shape, dtype: DType = "f32"): Value {
    return this.#value(name, shape, dtype);
  }

  /** This graph with other nodes: what a pass gives. Inputs, states, outputs, views and the values themselves are the same. */
  derive(nodes: readonly Node[]): Graph {
    const derived = new Graph();
    derived.inputs.push(...this.inputs);
    derived.states.push(...this.states);
    derived.nodes.push(...nodes);
    for (const [name, value] of this.outputs) derived.outputs.set(name, value);
    for (const [value, view] of this.views) derived.views.set(value, view);
    for (const node of nodes) for (const value of Object.values(node.outputs)) derived.#producers.set(value, node);
    for (const [name, uses] of this.#names) derived.#names.set(name, uses);
    derived.#count = this.#count;
    return derived;
  }

  /** The node that makes a value; undefined for inputs and states. */
  producer(value: Value): Node | undefined {
    return this.#producers.get(value);
  }

  #value(wanted: string, shape: Shape, dtype: DType): Value {
    const uses = this.#names.get(wanted) ?? 0;
    this.#names.set(wanted, uses + 1);
    return { id: this.#count++, name: uses === 0 ? wanted : `${wanted}#${uses + 1}`, shape, dtype };
  }
}
