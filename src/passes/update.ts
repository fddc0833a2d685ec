// The update into the op that makes the gradient: of a layer's weight and of its bias at once, so that no gradient of a parameter is ever a tensor.
import type { Node, Value } from "../graph/graph.ts";
import { conv2dBackwardFilter, sumPixels } from "../ops/conv2d.ts";
import { innerProductBackwardWeight } from "../ops/inner-product.ts";
import { sgd, type SgdAttributes } from "../ops/sgd.ts";
import { conv2dUpdate, innerProductUpdate, type UpdateAttributes } from "../ops/update.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** Momentum, weight decay and update of weight and bias in the kernel of their gradient. */
export const update: Pass = {
  apply(graph) {
    const uses = new Uses(graph);
    const replaced = new Replacements();
    /** The sgd node that takes a gradient, if it is the only reader. */
    const stepOf = (gradient: Value): Node | undefined => {
      const step = uses.single(gradient);
      return isOp(step, sgd) && step.inputs["dw"] === gradient ? step : undefined;
    };
    for (const node of graph.nodes) {
      const convolution = isOp(node, conv2dBackwardFilter);
      if (!convolution && !isOp(node, innerProductBackwardWeight)) continue;
      const { x, dy } = node.inputs;
      const layer = node.label.replace(/\.d(filter|weight)$/, "");
      // Layers whose outputs are added have the same gradient, and each its bias.
      const sum = uses.of(dy).find((reader) => isOp(reader, sumPixels) && reader.label === `${layer}.dbias`);
      const weightStep = stepOf(Object.values(node.outputs)[0]);
      const biasStep = sum && stepOf(sum.outputs["y"]);
      if (!weightStep || !biasStep || weightStep.inputs["rate"] !== biasStep.inputs["rate"]) continue;
      const attributes = attributesOf(weightStep, biasStep);
      if (!attributes) continue;

      const { stride, pad } = node.attributes;
      const merged: Node = {
        op: convolution ? conv2dUpdate : innerProductUpdate,
        inputs: {
          x,
          dy,
          w: weightStep.inputs["w"],
          v: weightStep.inputs["v"],
          bias: biasStep.inputs["w"],
          biasV: biasStep.inputs["v"],
          rate: weightStep.inputs["rate"],
        },
        outputs: {
          nextW: weightStep.outputs["nextW"],
          nextV: weightStep.outputs["nextV"],
          nextBias: biasStep.outputs["nextW"],
          nextBiasV: biasStep.outputs["nextV"],
        },
        attributes: { ...(convolution && { stride, pad }), ...attributes },
        label: `${layer}.update`,
      };
      // Where the later of both updates stands, everything that reads the old values stands before.
      const [first, last] =
        graph.nodes.indexOf(weightStep) < graph.nodes.indexOf(biasStep) ? [weightStep, biasStep] : [biasStep, weightStep];
      replaced.replace(last, [merged], [first, node, sum]);
    }
    return replaced.applyTo(graph);
  },
};

/** What both updates do; null where they do not go together. */
function attributesOf(weightStep: Node, biasStep: Node): UpdateAttributes | null {
  const weight = weightStep.attributes as unknown as SgdAttributes;
  const bias = biasStep.attributes as unknown as SgdAttributes;
  if (weight.momentum !== bias.momentum) return null;
  return { ...weight, biasDecay: bias.decay, biasRateMultiplier: bias.rateMultiplier };
}
