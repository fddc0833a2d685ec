// Moves dropout into the epilogue of the inner product before it, and out of the backward pass.
// An element is 0 exactly if it was dropped or
// cut off by ReLU. So y alone determines where a gradient passes, and nothing is drawn twice:
//
//   reluBackward(relu(s), dropout(dy)) = reluBackward(dropout(relu(s)), dy) / (1 - ratio)
import type { Node } from "../graph/graph.ts";
import { dropout, type DropoutAttributes } from "../ops/dropout.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { reluBackward } from "../ops/relu.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** Dropout in the epilogue of inner products, its gradient from y alone. */
export const dropoutEpilogue: Pass = {
  apply(graph) {
    const uses = new Uses(graph);
    const replaced = new Replacements();
    for (const node of graph.nodes) {
      if (!isOp(node, innerProduct) || !node.attributes["relu"]) continue;
      const { y } = node.outputs;
      if (uses.escapes(y)) continue;
      const drop = uses.of(y).find((reader) => isOp(reader, dropout));
      const gates = uses.of(y).filter((reader) => reader !== drop);
      if (!drop || !gates.every((gate) => passesDropout(gate, graph.producer(gate.inputs["dy"]), drop, uses))) continue;

      const attributes = drop.attributes as unknown as DropoutAttributes;
      replaced.replace(
        node,
        [
          {
            ...node,
            inputs: { ...node.inputs, random: drop.inputs["random"] },
            outputs: drop.outputs,
            attributes: { ...node.attributes, dropout: attributes },
          },
        ],
        [drop],
      );
      for (const gate of gates) {
        const dropped = graph.producer(gate.inputs["dy"]) as Node;
        const inputs = { y: drop.outputs["y"], dy: dropped.inputs["x"] };
        replaced.replace(gate, [{ ...gate, inputs, attributes: { scale: 1 / (1 - attributes.ratio) } }], [dropped]);
      }
    }
    return replaced.applyTo(graph);
  },
};

/** A gradient of the ReLU whose dy is what this dropout lets through of another. */
function passesDropout(gate: Node, dropped: Node | undefined, drop: Node, uses: Uses): boolean {
  return (
    isOp(gate, reluBackward) &&
    isOp(dropped, dropout) &&
    dropped.attributes["stream"] === drop.attributes["stream"] &&
    dropped.attributes["ratio"] === drop.attributes["ratio"] &&
    uses.single(dropped.outputs["y"]) === gate
  );
}
