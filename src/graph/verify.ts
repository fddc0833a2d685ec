// Checks that a graph is what it claims: every value made before it is used, shapes as the ops' rules say, updates that fit.
import { formatShape, sameShape } from "../tensor/shape.ts";
import { overwrites, type Graph, type Value } from "./graph.ts";

/** Throws one error that lists everything wrong with the graph. */
export function verifyGraph(graph: Graph): void {
  const problems: string[] = [];
  const made = new Set<Value>([...graph.inputs, ...graph.states.map(({ value }) => value)]);
  const overwritten = new Map<Value, string>();

  for (const node of graph.nodes) {
    const { op, inputs, outputs, attributes, label } = node;
    const where = `${op.name} "${label}"`;
    for (const [port, value] of Object.entries(inputs)) {
      if (!made.has(value)) problems.push(`${where}: ${port} uses "${value.name}" before it is computed`);
      const by = overwritten.get(value);
      if (by) problems.push(`${where}: ${port} reads "${value.name}" after ${by} has overwritten it`);
    }
    const types = op.infer(inputs, attributes, label) as Record<string, Value>;
    for (const [port, value] of Object.entries(outputs)) {
      const type = types[port];
      if (!sameShape(type.shape, value.shape) || type.dtype !== value.dtype) {
        problems.push(
          `${where}: ${port} is ${value.dtype}${formatShape(value.shape)}, its rule says ${type.dtype}${formatShape(type.shape)}`,
        );
      }
      if (made.has(value)) problems.push(`${where}: ${port} computes "${value.name}" a second time`);
      made.add(value);
    }
    for (const [input] of overwrites(node)) overwritten.set(inputs[input], where);
  }
  for (const [value, { of, first }] of graph.views) {
    const [pixels, channels] = [of.shape.slice(0, -1), value.shape[value.shape.length - 1]];
    if (!sameShape([...pixels, channels], value.shape) || first + channels > of.shape[of.shape.length - 1])
      problems.push(
        `"${value.name}" ${formatShape(value.shape)} cannot lie in "${of.name}" ${formatShape(of.shape)} from channel ${first} on`,
      );
  }
  for (const { name, value, next } of graph.states) {
    if (!next) continue;
    if (!made.has(next)) problems.push(`state "${name}" becomes "${next.name}", which no node computes`);
    if (!sameShape(value.shape, next.shape))
      problems.push(`state "${name}" ${formatShape(value.shape)} cannot become ${formatShape(next.shape)}`);
  }
  for (const [name, value] of graph.outputs)
    if (!made.has(value)) problems.push(`output "${name}" is "${value.name}", which no node computes`);
  if (problems.length > 0) throw new Error(`internal: the graph is not well formed\n  ${problems.join("\n  ")}`);
}
