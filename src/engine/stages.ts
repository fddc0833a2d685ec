// Which part of a training step a node belongs to, and which layer. Parts follow from the dependencies: passes merge nodes and drop the
// seed of differentiation, so neither labels nor places in the list determine them.
import { overwrites, type Graph, type Node, type Value } from "../graph/graph.ts";
import { sameShape } from "../tensor/shape.ts";

/** Scoring has but the first. A gradient that is applied by the launches that make it has a stage of its own. */
export const STAGES = ["forward", "data gradients", "weight gradients", "weight gradients + update", "update"] as const;
export type Stage = (typeof STAGES)[number];

/**
 * Forward is what outputs and running sums need. Of the rest, nodes that write the next value of a parameter update, and compute the gradient too
 * unless that arrives in the parameter's own shape, from a node that then is the weight gradient.
 */
export function stagesOf(graph: Graph): (node: Node) => Stage {
  const parameters = learned(graph);
  const forward = ancestors(graph, [
    ...graph.outputs.values(),
    ...graph.states.flatMap(({ next }) => (next && !parameters.has(graph.producer(next) as Node) ? [next] : [])),
  ]);
  const arriving = new Set<Value>();
  const alone = new Set<Node>();
  for (const [node, overwritten] of parameters) {
    const others = Object.entries(node.inputs).flatMap(([port, value]) => (port === "rate" || overwritten.has(value) ? [] : [value]));
    if (!others.every(({ shape }) => [...overwritten].some((state) => sameShape(shape, state.shape)))) continue;
    alone.add(node);
    for (const value of others) arriving.add(value);
  }
  return (node) => {
    if (parameters.has(node)) return alone.has(node) ? "update" : "weight gradients + update";
    if (forward.has(node)) return "forward";
    return Object.values(node.outputs).some((value) => arriving.has(value)) ? "weight gradients" : "data gradients";
  };
}

/**
 * Update nodes, each with all states whose next value it writes: another node reads one of these states, as with a parameter. Overwriting a
 * state in turn, as the heads add to a running sum, does not count as reading it.
 */
function learned({ nodes, states }: Graph): Map<Node, Set<Value>> {
  const producers = new Map(nodes.flatMap((node) => Object.values(node.outputs).map((value) => [value, node] as const)));
  const writers = new Map<Value, Node>();
  for (const { value, next } of states) {
    const writer = next && producers.get(next);
    if (writer) writers.set(value, writer);
  }
  const found = new Map<Node, Set<Value>>();
  for (const node of nodes) {
    const taken = new Set(overwrites(node).map(([input]) => node.inputs[input]));
    for (const value of Object.values(node.inputs)) {
      const writer = writers.get(value);
      if (writer && writer !== node && !taken.has(value)) found.set(writer, new Set());
    }
  }
  for (const [value, writer] of writers) found.get(writer)?.add(value);
  return found;
}

/** Every node that makes one of `values`, or something that such a node needs. */
function ancestors({ nodes }: Graph, values: readonly Value[]): Set<Node> {
  const wanted = new Set(values);
  const found = new Set<Node>();
  for (const node of nodes.toReversed()) {
    if (!Object.values(node.outputs).some((value) => wanted.has(value))) continue;
    found.add(node);
    for (const value of Object.values(node.inputs)) wanted.add(value);
  }
  return found;
}

/** "inception_3a/3x3" for the layer itself, "inception_3a/3x3.dfilter" and "inception_3a/3x3/weight.step". */
export const layerOf = ({ label }: Pick<Node, "label">): string => label.replace(/\..*$/, "").replace(/\/(weight|bias)$/, "");

/** The block that a layer is part of: "inception_3a" for all of its branches. */
export const blockOf = (layer: string): string => layer.replace(/\/.*$/, "");
