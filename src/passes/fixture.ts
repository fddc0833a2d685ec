// Small graphs for the passes' golden texts.
import { differentiate } from "../graph/autodiff.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { printGraph } from "../graph/print.ts";
import { verifyGraph } from "../graph/verify.ts";
import { add } from "../ops/add.ts";
import { constant } from "../ops/constant.ts";
import { sgd } from "../ops/sgd.ts";
import { softmaxLoss } from "../ops/softmax-loss.ts";
import { optimise, type PassName } from "./index.ts";

/** Appends a loss on rows of scores, and the gradients and updates of the graph's states. */
export function trained(graph: Graph, scores: Value): Graph {
  const labels = graph.input("labels", [scores.shape[0]], "u32");
  const rate = graph.input("rate", [2]);
  const { loss } = graph.add(softmaxLoss, { x: scores, labels }, { weight: 1 }, "loss");
  const parameters = graph.states.map(({ value }) => value);
  const gradients = differentiate(graph, [loss], parameters, { add, constant });
  for (const w of parameters) {
    const attributes = { momentum: 0.9, decay: 0.1, rateMultiplier: 1 };
    const v = graph.state(`${w.name}.v`, w.shape);
    const { nextW, nextV } = graph.add(sgd, { w, v, dw: gradients.get(w) as Value, rate }, attributes, `${w.name}.step`);
    graph.update(w, nextW);
    graph.update(v, nextV);
  }
  return graph;
}

/** The lines that a pass takes out of a graph and those it puts in, after the passes before it. */
export function changes(graph: Graph, name: PassName, before: readonly PassName[] = []): string {
  const from = optimise(graph, before);
  const to = optimise(from, [name]);
  verifyGraph(to);
  const [old, rewritten] = [from, to].map((one) => printGraph(one).trimEnd().split("\n"));
  const gone = old.filter((line) => !rewritten.includes(line)).map((line) => `- ${line}`);
  const come = rewritten.filter((line) => !old.includes(line)).map((line) => `+ ${line}`);
  return `\n${[...gone, ...come].join("\n")}\n`;
}
