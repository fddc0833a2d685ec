// Local response normalisation and the maximum pooling after it in one kernel, forwards and backwards: the normalised image and its gradient, each as large
// as the image, are never stored; scale is computed again.
import type { Node } from "../graph/graph.ts";
import { lrnMaxPool, lrnMaxPoolBackward } from "../ops/lrn-max-pool.ts";
import { lrn, lrnBackward } from "../ops/lrn.ts";
import { maxPoolBackwardWinners, maxPoolWinners } from "../ops/max-pool-winners.ts";
import { maxPool } from "../ops/max-pool.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** Windows of pixels and of channels up to which the fast kernels go. */
const LARGEST_SIZE = 3;
const LARGEST_LRN_SIZE = 9;

/** Local response normalisation and the max pooling after it in one kernel. */
export const lrnPool: Pass = {
  apply(graph) {
    const uses = new Uses(graph);
    const replaced = new Replacements();
    for (const node of graph.nodes) {
      if (!isOp(node, lrn)) continue;
      const { x } = node.inputs;
      const pool = uses.single(node.outputs["y"]);
      if (!(isOp(pool, maxPool) || isOp(pool, maxPoolWinners)) || !suits(node, pool)) continue;
      const { size: lrnSize, alpha, beta, k } = node.attributes;
      const attributes = { ...pool.attributes, lrnSize, alpha, beta, k };
      const { y } = pool.outputs;
      const [images, oh, ow, channels] = y.shape;
      const winners = pool.outputs["winners"] ?? graph.make(`${pool.label}.winners`, [images, oh, ow, channels / 4], "u32");
      replaced.replace(node, [{ ...pool, op: lrnMaxPool, inputs: { x }, outputs: { y, winners }, attributes }], [pool]);

      const back = uses.of(winners).find((reader) => isOp(reader, maxPoolBackwardWinners));
      const through = back && uses.single(back.outputs["dx"]);
      if (!isOp(back, maxPoolBackwardWinners) || !isOp(through, lrnBackward) || !isGradientOf(through, back, node)) continue;
      const positive = "gate" in through.inputs;
      const inputs = { x, winners, dy: back.inputs["dy"] };
      const gradient = { ...through, op: lrnMaxPoolBackward, inputs, attributes: { ...attributes, ...(positive && { positive }) } };
      replaced.replace(through, [gradient], [back]);
    }
    return replaced.applyTo(graph);
  },
};

const suits = (normalisation: Node, pool: Node): boolean =>
  normalisation.inputs["x"].shape.length === 4 &&
  normalisation.inputs["x"].shape[3] % 4 === 0 &&
  (normalisation.attributes["size"] as number) <= LARGEST_LRN_SIZE &&
  (pool.attributes["size"] as number) <= LARGEST_SIZE &&
  !pool.attributes["positive"];

/** Whether two gradients are those of the pool and of the normalisation, with no more in between or after than the ReLU before both. */
function isGradientOf(through: Node, back: Node, normalisation: Node): boolean {
  const { x, gate } = through.inputs;
  const bare = !("gate" in back.inputs) && !("addend" in back.inputs);
  return bare && x === normalisation.inputs["x"] && (gate === undefined || gate === x);
}
