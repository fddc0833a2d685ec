// ReLU into the epilogue of the product that makes its input: the sum is in a register when it becomes max(sum, 0), and y is the only tensor.
import { conv2d } from "../ops/conv2d.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { relu } from "../ops/relu.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

export const reluEpilogue: Pass = {
  about: "ReLU in the epilogue of convolutions and inner products",
  apply(graph) {
    const uses = new Uses(graph);
    const replaced = new Replacements();
    for (const node of graph.nodes) {
      if (!isOp(node, conv2d) && !isOp(node, innerProduct)) continue;
      const after = uses.single(node.outputs["y"]);
      if (!isOp(after, relu)) continue;
      replaced.replace(node, [{ ...node, outputs: after.outputs, attributes: { ...node.attributes, relu: true } }], [after]);
    }
    return replaced.applyTo(graph);
  },
};
