// A residual sum into the epilogue of the convolution that makes one of its terms: y is written over the other term, and never lies apart from the sum.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { add } from "../ops/add.ts";
import { conv2d } from "../ops/conv2d.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** Residual sums in the epilogue of the convolution that makes one of the terms. */
export const residualSum: Pass = {
  apply(before) {
    // Nodes that nothing needs read nothing.
    const needed = ancestors(before, [...before.outputs.values(), ...before.states.flatMap(({ next }) => (next ? [next] : []))]);
    const live = before.derive(before.nodes.filter((node) => needed.has(node)));
    // One sum at a time: what it overwrites may be a term of no other.
    let graph = live;
    for (const node of live.nodes) if (isOp(node, add)) graph = folded(graph, node);
    return graph === live ? before : graph;
  },
};

function folded(graph: Graph, sum: Node): Graph {
  const uses = new Uses(graph);
  const { a, b } = sum.inputs;
  for (const [addend, term] of [
    [b, a],
    [a, b],
  ]) {
    const maker = graph.producer(term);
    if (!isOp(maker, conv2d) || "addend" in maker.inputs || addend === term || uses.single(term) !== sum) continue;
    if (!overwritable(graph, uses, addend, sum, maker)) continue;
    const replaced = new Replacements();
    replaced.replace(sum, [{ ...maker, inputs: { ...maker.inputs, addend }, outputs: sum.outputs }], [maker]);
    return replaced.applyTo(graph);
  }
  return graph;
}

/** Whether the convolution may overwrite `value`: a node's own memory, which all others that read it have read before the convolution runs. */
function overwritable(graph: Graph, uses: Uses, value: Value, sum: Node, maker: Node): boolean {
  const from = graph.producer(value);
  if (!from || from.op.alias || uses.escapes(value)) return false;
  const others = uses.of(value).filter((reader) => reader !== sum);
  if (others.some((reader) => reader === maker || reader.op.alias)) return false;
  if (others.length === 0) return true;
  const before = ancestors(graph, Object.values(maker.inputs));
  return others.every((reader) => before.has(reader));
}

/** The nodes that some of the values depend on. */
function ancestors(graph: Graph, values: readonly Value[]): Set<Node> {
  const found = new Set<Node>();
  const left = [...values];
  for (let value = left.pop(); value; value = left.pop()) {
    const maker = graph.producer(value);
    if (!maker || found.has(maker)) continue;
    found.add(maker);
    left.push(...Object.values(maker.inputs));
  }
  return found;
}
