// The interpreter: runs any graph in float64 by its ops' references. Slow and clear on purpose; every kernel is compared with it.
import { formatShape, sizeOf } from "../tensor/shape.ts";
import type { Graph, Node, Value } from "./graph.ts";
import type { Array64 } from "./op.ts";

/** Values by name, in the graph's own layout; anything that can be read by index. */
export type Feeds = Readonly<Record<string, ArrayLike<number>>>;

export interface Interpretation {
  /** Any value of the step, by value. */
  of(value: Value): Float64Array;
  /** The states as the step leaves them, by name. */
  readonly states: Record<string, Float64Array>;
}

/** How a node's outputs come from its inputs, by port. */
export type Evaluate = (node: Node, inputs: Record<string, Array64>) => Record<string, Float64Array>;

export const byDefinition: Evaluate = ({ op, attributes, outputs }, inputs) => op.reference(inputs, attributes, outputs);

/** One step of a graph in float64. `inputs` and `states` are keyed by name; a state that is absent starts at zero. */
export function interpret(graph: Graph, inputs: Feeds, states: Feeds = {}, evaluate: Evaluate = byDefinition): Interpretation {
  const known = new Map<Value, Array64>();
  const feed = (value: Value, data: ArrayLike<number>, what: string): void => {
    if (data.length !== sizeOf(value.shape)) {
      throw new Error(
        `interpret: ${what} "${value.name}" ${formatShape(value.shape)} needs ${sizeOf(value.shape)} values, got ${data.length}`,
      );
    }
    known.set(value, { shape: value.shape, data: new Float64Array(data) });
  };
  for (const value of graph.inputs) {
    const data = inputs[value.name];
    if (!data) throw new Error(`interpret: input "${value.name}" ${formatShape(value.shape)} was not fed`);
    feed(value, data, "input");
  }
  for (const { name, value } of graph.states) feed(value, states[name] ?? new Float64Array(sizeOf(value.shape)), "state");

  for (const node of graph.nodes) {
    const arrays = Object.fromEntries(Object.entries(node.inputs).map(([port, value]) => [port, known.get(value) as Array64]));
    const results = evaluate(node, arrays);
    for (const [port, value] of Object.entries(node.outputs)) known.set(value, { shape: value.shape, data: results[port] });
  }

  const of = (value: Value): Float64Array => {
    const array = known.get(value);
    if (!array) throw new Error(`interpret: "${value.name}" does not belong to this graph`);
    return array.data;
  };
  return { of, states: Object.fromEntries(graph.states.map(({ name, value, next }) => [name, of(next ?? value)])) };
}
