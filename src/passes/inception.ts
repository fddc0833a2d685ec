// The 1 x 1 convolutions of an inception module that share its input, as one op: the input is read once instead of three times, and so is its gradient
// written. Needs relu-gate and gradient-sum to have folded what lies between them.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { concat, slice } from "../ops/concat.ts";
import { conv2d, conv2dBackwardData } from "../ops/conv2d.ts";
import { inception, inceptionBackwardData, inceptionUpdate } from "../ops/inception.ts";
import { conv2dUpdate } from "../ops/update.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** The 1x1 convolutions of an inception module that share its input as one product in each pass. */
export const inceptionBranches: Pass = {
  apply: (graph) => updatesMerged(backwardMerged(forwardMerged(graph))),
};

const isOneByOne = ({ attributes: { stride, pad }, inputs: { filter } }: Node): boolean =>
  stride === 1 && pad === 0 && filter.shape.slice(0, 3).every((extent) => extent === 1);

const widthOf = (node: Node): number => node.inputs["filter"].shape[4];
const layer = ({ label }: Node): { label: string } => ({ label: label.replace(/\.(dx|update)$/, "") });
const shortLabel = (branches: readonly Pick<Node, "label">[]): string =>
  branches.map(({ label }, i) => (i === 0 ? label : label.slice(label.lastIndexOf("/") + 1))).join("+");

function forwardMerged(graph: Graph): Graph {
  const uses = new Uses(graph);
  const replaced = new Replacements();
  for (const node of graph.nodes) {
    if (!isOp(node, conv2d) || replaced.has(node)) continue;
    const branches = uses.of(node.inputs["x"]).filter(
      (other) =>
        isOp(other, conv2d) &&
        isOneByOne(other) &&
        "bias" in other.inputs &&
        other.attributes["relu"] === node.attributes["relu"] &&
        // A filter that is computed may not be there yet where the first branch is.
        !graph.producer(other.inputs["filter"]),
    );
    if (branches.length !== 3 || branches[0] !== node || branches.some(({ outputs }) => uses.escapes(outputs["y"]))) continue;
    const [first, second, third] = branches;
    const y = first.outputs["y"];
    const reduced = graph.make(shortLabel([second, third]), [...y.shape.slice(0, 3), widthOf(second) + widthOf(third)]);
    const merged: Node = {
      op: inception,
      inputs: { x: node.inputs["x"], ...parametersOf(branches) },
      outputs: { y, reduced },
      attributes: first.attributes["relu"] ? { relu: true } : {},
      label: shortLabel(branches),
    };
    const cut = (part: Node, at: number): Node => ({
      op: slice,
      inputs: { x: reduced },
      outputs: { y: part.outputs["y"] },
      attributes: {
        first: at,
        count: widthOf(part),
      },
      label: part.label,
    });
    replaced.replace(first, [merged, cut(second, 0), cut(third, widthOf(second))], [second, third]);
  }
  return replaced.applyTo(graph);
}

const parametersOf = (branches: readonly Node[]): Record<string, Value> =>
  Object.fromEntries(
    branches.flatMap(({ inputs }, i) => [[`filter${i}`, inputs["filter"]], ...("bias" in inputs ? [[`bias${i}`, inputs["bias"]]] : [])]),
  );

/** Three gradients, each added to the one before. */
function backwardMerged(graph: Graph): Graph {
  const replaced = new Replacements();
  const order = branchOrder(graph);
  for (const last of graph.nodes) {
    const middle = addendMaker(graph, last);
    const first = middle && addendMaker(graph, middle);
    if (!first || !middle) continue;
    const chain = [first, middle, last];
    const branches = order.get(last.inputs["filter"])?.map((filter) => chain.find(({ inputs }) => inputs["filter"] === filter));
    if (!branches?.every((branch) => branch !== undefined) || "gate" in first.inputs || "gate" in middle.inputs) continue;
    const [own, second, third] = branches;
    const dreduced = graph.make(`${shortLabel([second, third].map(layer))}.dy`, [
      ...own.inputs["dy"].shape.slice(0, 3),
      widthOf(second) + widthOf(third),
    ]);
    const join: Node = {
      op: concat,
      inputs: {
        x0: second.inputs["dy"],
        x1: third.inputs["dy"],
      },
      outputs: { y: dreduced },
      attributes: {},
      label: dreduced.name,
    };
    const { addend } = first.inputs;
    const { gate } = last.inputs;
    const merged: Node = {
      op: inceptionBackwardData,
      inputs: { dy: own.inputs["dy"], dreduced, ...parametersOf(branches), ...(gate && { gate }), ...(addend && { addend }) },
      outputs: last.outputs,
      attributes: {},
      label: `${shortLabel(branches.map(layer))}.dx`,
    };
    replaced.replace(last, [join, merged], [first, middle]);
  }
  return replaced.applyTo(graph);
}

/** The updates of the three filters, whose gradients lie as those of the merged data gradient. */
function updatesMerged(graph: Graph): Graph {
  const replaced = new Replacements();
  for (const backward of graph.nodes) {
    if (!isOp(backward, inceptionBackwardData)) continue;
    const { dy, dreduced, filter0, filter1, filter2 } = backward.inputs;
    const join = graph.producer(dreduced);
    const gradients = [dy, join?.inputs["x0"], join?.inputs["x1"]];
    const found = [filter0, filter1, filter2].map((filter, i) =>
      graph.nodes.find((node) => isOp(node, conv2dUpdate) && node.inputs["w"] === filter && node.inputs["dy"] === gradients[i]),
    );
    const updates = found.filter((node) => node !== undefined);
    const [first] = updates;
    if (updates.length < 3 || updates.some((node) => !sameStep(node, first))) continue;
    const { stride: _, pad: __, ...attributes } = first.attributes;
    const merged: Node = {
      op: inceptionUpdate,
      inputs: {
        x: first.inputs["x"],
        dy,
        dreduced,
        ...Object.fromEntries(updates.flatMap(({ inputs: { w, v, bias, biasV } }, i) => namedStates(i, "", { w, v, bias, biasV }))),
        rate: first.inputs["rate"],
      },
      outputs: Object.fromEntries(
        updates.flatMap(({ outputs: { nextW, nextV, nextBias, nextBiasV } }, i) =>
          namedStates(i, "next", { w: nextW, v: nextV, bias: nextBias, biasV: nextBiasV }),
        ),
      ),
      attributes,
      label: `${shortLabel(updates.map(layer))}.update`,
    };
    const inOrder = graph.nodes.filter((node) => updates.includes(node));
    replaced.replace(inOrder[2], [merged], inOrder.slice(0, 2));
  }
  return replaced.applyTo(graph);
}

/** Whether two updates have the same input and the same rule: momentum, decays and rates. */
const sameStep = (a: Node, b: Node): boolean =>
  a.inputs["x"] === b.inputs["x"] &&
  a.inputs["rate"] === b.inputs["rate"] &&
  Object.entries(a.attributes).every(([name, value]) => b.attributes[name] === value);

/** A branch's states by the ports of the merged op: filter0, nextBias2V ... */
function namedStates(
  i: number,
  prefix: "" | "next",
  { w, v, bias, biasV }: Record<"w" | "v" | "bias" | "biasV", Value>,
): [string, Value][] {
  const [filter, offset] = prefix === "" ? ["filter", "bias"] : ["nextFilter", "nextBias"];
  return [
    [`${filter}${i}`, w],
    [`${filter}${i}V`, v],
    [`${offset}${i}`, bias],
    [`${offset}${i}V`, biasV],
  ];
}

/** The 1 x 1 gradient that a 1 x 1 gradient is added to. */
function addendMaker(graph: Graph, node: Node): Node | undefined {
  if (!isOp(node, conv2dBackwardData) || !isOneByOne(node) || !("addend" in node.inputs)) return undefined;
  const maker = graph.producer(node.inputs["addend"]);
  return isOp(maker, conv2dBackwardData) && isOneByOne(maker) ? maker : undefined;
}

/** By filter, the filters of its module in their order. */
function branchOrder({ nodes }: Graph): Map<Value, readonly Value[]> {
  const order = new Map<Value, readonly Value[]>();
  for (const node of nodes) {
    if (!isOp(node, inception)) continue;
    const filters = ["filter0", "filter1", "filter2"].map((port) => node.inputs[port]);
    for (const filter of filters) order.set(filter, filters);
  }
  return order;
}
