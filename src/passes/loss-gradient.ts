// Softmax, loss and its gradient in one kernel, which also adds the loss of every head, and the correct answers of one, to the sums that run from step to
// step: a training step counts in as many launches as it has heads.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { accumulate, add } from "../ops/add.ts";
import { constant } from "../ops/constant.ts";
import { softmaxLossGradient } from "../ops/softmax-loss-gradient.ts";
import { softmaxLoss, softmaxLossBackward } from "../ops/softmax-loss.ts";
import { topK } from "../ops/top-k.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** Softmax, loss, its gradient and the step's running sums in one kernel per head. */
export const lossGradient: Pass = {
  apply: (graph) => countedWithin(summedWithin(merged(graph))),
};

/** Loss and gradient of the same scores, where nothing scales the gradient. */
function merged(graph: Graph): Graph {
  const uses = new Uses(graph);
  const replaced = new Replacements();
  for (const loss of graph.nodes) {
    if (!isOp(loss, softmaxLoss)) continue;
    const { x, labels } = loss.inputs;
    const gradient = uses.of(x).find((node) => isOp(node, softmaxLossBackward) && isGradientOf(node, loss, graph));
    if (!gradient) continue;
    const outputs = { loss: loss.outputs["loss"], dx: gradient.outputs["dx"] };
    replaced.replace(loss, [{ ...loss, op: softmaxLossGradient, inputs: { x, labels }, outputs }], [gradient]);
  }
  for (const seed of graph.nodes) {
    const gradients = isOp(seed, constant) && !uses.escapes(seed.outputs["y"]) ? uses.of(seed.outputs["y"]) : [];
    if (gradients.length > 0 && gradients.every((node) => isOp(node, softmaxLossBackward) && replaced.has(node)))
      replaced.replace(seed, []);
  }
  return replaced.applyTo(graph);
}

function isGradientOf(gradient: Node, loss: Node, graph: Graph): boolean {
  const seed = graph.producer(gradient.inputs["dloss"]);
  return (
    gradient.inputs["labels"] === loss.inputs["labels"] &&
    gradient.attributes["weight"] === loss.attributes["weight"] &&
    isOp(seed, constant) &&
    seed.attributes["value"] === 1
  );
}

/** The sum of the heads' losses, added to a running sum: each head adds its own. */
function summedWithin(graph: Graph): Graph {
  const uses = new Uses(graph);
  const replaced = new Replacements();
  for (const node of graph.nodes) {
    if (!isOp(node, accumulate) || uses.of(node.inputs["total"]).length !== 1) continue;
    const sum = termsOf(node, node.inputs["x"], graph, uses);
    if (!sum || !sum.heads.every((head) => !("lossTotal" in head.inputs))) continue;
    const heads = graph.nodes.filter((head) => sum.heads.includes(head));
    let total = node.inputs["total"];
    heads.forEach((head, i) => {
      const next = i < heads.length - 1 ? graph.make(`${head.label}.total`, total.shape) : node.outputs["next"];
      replaced.replace(head, [
        { ...head, inputs: { ...head.inputs, lossTotal: total }, outputs: { ...head.outputs, nextLossTotal: next } },
      ]);
      total = next;
    });
    for (const gone of [node, ...sum.adds]) replaced.replace(gone, []);
  }
  return replaced.applyTo(graph);
}

/** The heads whose losses a value is the sum of, and the additions; null if it is anything else, or if someone else reads a part. */
function termsOf(reader: Node, value: Value, graph: Graph, uses: Uses): { heads: Node[]; adds: Node[] } | null {
  const maker = graph.producer(value);
  if (!maker || uses.single(value) !== reader) return null;
  if (maker.op === softmaxLossGradient) return { heads: [maker], adds: [] };
  if (maker.op !== add) return null;
  const [a, b] = [termsOf(maker, maker.inputs["a"], graph, uses), termsOf(maker, maker.inputs["b"], graph, uses)];
  return a && b && { heads: [...a.heads, ...b.heads], adds: [maker, ...a.adds, ...b.adds] };
}

/** Correct answers by the same scores, added to a running sum. */
function countedWithin(graph: Graph): Graph {
  const uses = new Uses(graph);
  const replaced = new Replacements();
  for (const count of graph.nodes) {
    if (!isOp(count, topK)) continue;
    const { x, labels } = count.inputs;
    const sum = uses.single(count.outputs["correct"]);
    const head = uses.of(x).find((node) => isOp(node, softmaxLossGradient) && node.inputs["labels"] === labels);
    if (!isOp(sum, accumulate) || !head || replaced.has(head) || uses.of(sum.inputs["total"]).length !== 1) continue;
    const inputs = { ...head.inputs, correctTotal: sum.inputs["total"] };
    const outputs = { ...head.outputs, nextCorrectTotal: sum.outputs["next"] };
    replaced.replace(head, [{ ...head, inputs, outputs, attributes: { ...head.attributes, k: count.attributes["k"] } }], [count, sum]);
  }
  return replaced.applyTo(graph);
}
