// The order in which a step's nodes run: what no output or state needs is left out, and every update that overwrites its input runs as
// soon as it may, so that a gradient's memory is free again right after the parameter has taken it.
import { overwrites, type Graph, type Node, type Value } from "../graph/graph.ts";

export function schedule(graph: Graph): Node[] {
  const nodes = liveNodes(graph);
  const readersLeft = new Map<Value, number>();
  for (const node of nodes)
    for (const value of new Set(Object.values(node.inputs))) readersLeft.set(value, (readersLeft.get(value) ?? 0) + 1);

  const made = new Set<Value>([...graph.inputs, ...graph.states.map(({ value }) => value)]);
  const inPlace = (node: Node): boolean => overwrites(node).length > 0;
  const waiting = nodes.filter(inPlace);
  const order: Node[] = [];
  const run = (node: Node): void => {
    order.push(node);
    for (const value of Object.values(node.outputs)) made.add(value);
    for (const value of new Set(Object.values(node.inputs))) readersLeft.set(value, (readersLeft.get(value) ?? 0) - 1);
  };
  const mayOverwrite = (node: Node): boolean =>
    Object.values(node.inputs).every((value) => made.has(value)) &&
    overwrites(node).every(([input]) => readersLeft.get(node.inputs[input]) === 1);
  const overwrite = (): void => {
    for (let next = waiting.findIndex(mayOverwrite); next >= 0; next = waiting.findIndex(mayOverwrite)) run(waiting.splice(next, 1)[0]);
  };

  overwrite();
  for (const node of nodes.filter((node) => !inPlace(node))) {
    run(node);
    overwrite();
  }
  if (waiting.length > 0) {
    const names = waiting.map(({ op, label }) => `${op.name} "${label}"`).join(", ");
    throw new Error(`internal: ${names} overwrite a value that a later node still reads`);
  }
  return order;
}

/** Nodes that some output or state update depends on, in the graph's order. */
function liveNodes(graph: Graph): Node[] {
  const wanted = new Set<Value>(graph.outputs.values());
  for (const { next } of graph.states) if (next) wanted.add(next);
  const live: Node[] = [];
  for (const node of graph.nodes.toReversed()) {
    if (!Object.values(node.outputs).some((value) => wanted.has(value))) continue;
    live.push(node);
    for (const value of Object.values(node.inputs)) wanted.add(value);
  }
  return live.reverse();
}
