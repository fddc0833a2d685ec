// A residual sum and a ReLU or ReLU6 into the batch normalisation before them, while it takes the moments of the batch: its last kernel has each value in a register.
import type { Graph, Node } from "../graph/graph.ts";
import { add } from "../ops/add.ts";
import { isNamed, rectifierOf } from "./relu-epilogue.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** Residual sums, ReLU and ReLU6 in the epilogue of batch normalisation. */
export const normEpilogue: Pass = {
  apply(before) {
    // One at a time: a sum's terms may both be normalised, and a ReLU follows a sum.
    let graph = before;
    for (const node of before.nodes) {
      if (isOp(node, add)) graph = withSum(graph, node);
      if (rectifierOf(node)) graph = withRectifier(graph, node);
    }
    return graph;
  },
};

/** The sum in the later of its terms, if that is normalised: the other is there by then. */
function withSum(graph: Graph, sum: Node): Graph {
  const uses = new Uses(graph);
  const { a, b } = sum.inputs;
  const place = (value: typeof a): number => graph.nodes.indexOf(graph.producer(value) as Node);
  const [term, addend] = place(a) > place(b) ? [a, b] : [b, a];
  const maker = graph.producer(term);
  if (!isNamed(maker, "batchNorm") || term !== maker.outputs["y"] || uses.single(term) !== sum) return graph;
  if (a === b || "addend" in maker.inputs || maker.attributes["relu"]) return graph;
  const made = { ...maker, inputs: { ...maker.inputs, addend }, outputs: { ...maker.outputs, y: sum.outputs["y"] } };
  return replaced(graph, maker, made, sum);
}

function withRectifier(graph: Graph, after: Node): Graph {
  const { x } = after.inputs;
  const maker = graph.producer(x);
  if (!isNamed(maker, "batchNorm") || x !== maker.outputs["y"] || new Uses(graph).single(x) !== after || maker.attributes["relu"])
    return graph;
  const made = {
    ...maker,
    outputs: { ...maker.outputs, y: after.outputs["y"] },
    attributes: { ...maker.attributes, ...rectifierOf(after) },
  };
  return replaced(graph, maker, made, after);
}

/** The maker changed where it stands: what reads its moments stands right behind it. */
function replaced(graph: Graph, maker: Node, made: Node, gone: Node): Graph {
  const replacements = new Replacements();
  replacements.replace(maker, [made], [gone]);
  return replacements.applyTo(graph);
}
