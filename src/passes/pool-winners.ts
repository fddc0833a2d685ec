// Max pooling that needs a gradient stores each window's argmax (one byte per output), so that the gradient need not read
// the image. If the image comes from a ReLU (its gate is there, see relu-gate.ts), the maximum alone says whether the ReLU lets dy through.
import type { Node, Value } from "../graph/graph.ts";
import { maxPool, maxPoolBackward } from "../ops/max-pool.ts";
import { maxPoolBackwardWinners, maxPoolWinners } from "../ops/max-pool-winners.ts";
import type { PoolAttributes } from "../ops/pool-window.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** What every kernel family of the two ops takes. */
const LARGEST_SIZE = 7;

/** Max pooling keeps the places of its maxima for the gradient instead of its input. */
export const poolWinners: Pass = {
  apply(graph) {
    const uses = new Uses(graph);
    const replaced = new Replacements();
    for (const node of graph.nodes) {
      if (!isOp(node, maxPool) || !suits(node)) continue;
      const { y } = node.outputs;
      const gradient = uses.of(y).find((reader) => isOp(reader, maxPoolBackward) && reader.inputs["y"] === y);
      if (!gradient) continue;
      const [images, oh, ow, channels] = y.shape;
      const winners = graph.make(`${y.name}.winners`, [images, oh, ow, channels / 4], "u32");
      const { x, gate, addend } = gradient.inputs as Partial<Record<string, Value>>;
      const positive = gate === x && addend === undefined;
      const attributes = { ...node.attributes, ...(positive && { positive }) };
      replaced.replace(node, [{ ...node, op: maxPoolWinners, outputs: { y, winners }, attributes }]);
      replaced.replace(gradient, [fromWinners(gradient, winners, positive)]);
    }
    return replaced.applyTo(graph);
  },
};

const suits = ({ inputs: { x }, attributes }: Node): boolean =>
  x.shape[3] % 4 === 0 && (attributes as unknown as PoolAttributes).size <= LARGEST_SIZE;

function fromWinners(node: Node, winners: Value, positive: boolean): Node {
  const { dy, gate, addend, x } = node.inputs;
  const [, height, width] = x.shape;
  const inputs = { winners, dy, ...(gate && !positive && { gate }), ...(addend && { addend }) };
  return { ...node, op: maxPoolBackwardWinners, inputs, attributes: { ...node.attributes, height, width } };
}
