// ReLU, and ReLU6 as other limits above 0, into the epilogue of the op that makes its input: the sum is in a register when it becomes max(sum, 0), and y is the
// only tensor.
import type { Node } from "../graph/graph.ts";
import { conv2d } from "../ops/conv2d.ts";
import { innerProduct } from "../ops/inner-product.ts";
import type { Rectifier } from "../ops/rectifier.ts";
import { relu } from "../ops/relu.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** ReLU and ReLU6 in the epilogue of convolutions and inner products. */
export const reluEpilogue: Pass = {
  apply(graph) {
    const uses = new Uses(graph);
    const replaced = new Replacements();
    for (const node of graph.nodes) {
      if (!isOp(node, conv2d) && !isOp(node, innerProduct) && !isNamed(node, "depthwise")) continue;
      const after = uses.single(node.outputs["y"]);
      const rectifier = rectifierOf(after);
      if (!after || !rectifier || (isOp(node, innerProduct) && "most" in rectifier)) continue;
      replaced.replace(node, [{ ...node, outputs: after.outputs, attributes: { ...node.attributes, ...rectifier } }], [after]);
    }
    return replaced.applyTo(graph);
  },
};

/** Whether a node is of that op. By name: a page that never appends the op does not load it. */
export const isNamed = (node: Node | undefined, name: string): node is Node => node?.op.name === name;

/** What a node that is a rectifier does; null for others. */
export function rectifierOf(node: Node | undefined): Rectifier | null {
  if (node?.op === relu) return { relu: true };
  if (node?.op.name !== "activation") return null;
  const { kind, alpha, beta } = node.attributes as { kind?: string; alpha?: number; beta?: number };
  return kind === "clip" && alpha === 0 && beta !== undefined && beta > 0 ? { relu: true, most: beta } : null;
}
