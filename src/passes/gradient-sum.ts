// Sums of gradients into the epilogue of the op that makes the last of them: it adds to what is there instead of writing a tensor of its own.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { add } from "../ops/add.ts";
import { takesAddend } from "./gradient-ops.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** Sums of gradients in the epilogue of the gradient made last. */
export const gradientSum: Pass = {
  apply(before) {
    // One sum at a time: the next one's addend is what this one leaves.
    let graph = before;
    for (const node of before.nodes) if (isOp(node, add)) graph = folded(graph, node);
    return graph;
  },
};

function folded(graph: Graph, sum: Node): Graph {
  const uses = new Uses(graph);
  const { a, b } = sum.inputs;
  for (const [addend, gradient] of [
    [a, b],
    [b, a],
  ]) {
    const maker = graph.producer(gradient);
    if (!maker || !takesAddend(maker) || uses.single(gradient) !== sum || !overwritable(graph, uses, addend, sum)) continue;
    const replaced = new Replacements();
    replaced.replace(sum, [{ ...maker, inputs: { ...maker.inputs, addend }, outputs: { dx: sum.outputs["y"] } }], [maker]);
    return replaced.applyTo(graph);
  }
  return graph;
}

/** Whether `sum` may overwrite `value`: a node's own memory that only `sum` reads. */
function overwritable(graph: Graph, uses: Uses, value: Value, sum: Node): boolean {
  const maker = graph.producer(value);
  return maker !== undefined && !maker.op.alias && uses.single(value) === sum;
}
