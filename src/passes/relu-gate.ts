// The gradient of ReLU into the epilogue of the op that makes the gradient: where y is 0, dx is. Each element is made once but loaded again and
// again by the products that come next, so the epilogue is the place, not their loaders. Only y is kept.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { concat, inOrder, slice } from "../ops/concat.ts";
import { reluBackward } from "../ops/relu.ts";
import { reshape } from "../ops/reshape.ts";
import { sameShape } from "../tensor/shape.ts";
import { takesGate } from "./gradient-ops.ts";
import { isOp, Uses, Replacements, type Pass } from "./rewrite.ts";

/** ReLU's gradient in the epilogue of the op that makes the gradient. */
export const reluGate: Pass = {
  apply: (graph) => gateMakers(gateWholes(graph)),
};

/** Where all parts of a joined gradient are gated by the parts of a joined y, the whole is gated by the whole. */
function gateWholes(graph: Graph): Graph {
  const uses = new Uses(graph);
  const replaced = new Replacements();
  for (const join of graph.nodes) {
    if (!isOp(join, concat)) continue;
    const parts = inOrder(join.inputs);
    const gates = parts.map((part) => uses.of(part).find((reader) => isOp(reader, reluBackward) && reader.inputs["y"] === part));
    const cuts = gates.map((gate) => gate && graph.producer(gate.inputs["dy"]));
    const whole = cuts[0]?.inputs["x"];
    if (!whole || !cuts.every((cut, i) => isPart(cut, whole, parts, i) && uses.single(cut.outputs["y"]) === gates[i])) continue;
    if (uses.escapes(whole) || uses.of(whole).length !== cuts.length || gates.some((gate) => gate?.attributes["scale"])) continue;

    const gated = graph.make(`${join.label}.dx`, whole.shape);
    const gate: Node = {
      op: reluBackward,
      inputs: { y: join.outputs["y"], dy: whole },
      outputs: { dx: gated },
      attributes: {},
      label: `${join.label}.dx`,
    };
    const rewritten = (cuts as Node[]).map((cut, i): Node => ({
      ...cut,
      inputs: { x: gated },
      outputs: { y: (gates[i] as Node).outputs["dx"] },
    }));
    // Nodes are in order: the first cut stands behind what makes the whole.
    const first = graph.nodes.find((node) => cuts.includes(node)) as Node;
    replaced.replace(first, [gate, ...rewritten], [...(cuts as Node[]).filter((cut) => cut !== first), ...(gates as Node[])]);
  }
  return replaced.applyTo(graph);
}

/** Where the gradient was given another shape last, what made it is gated by y in that shape, as the forward pass has it. */
function gateBefore(graph: Graph, uses: Uses, replaced: Replacements, gate: Node, shaped: Node): boolean {
  const before = shaped.inputs["x"];
  const maker = graph.producer(before);
  const flat = uses.of(gate.inputs["y"]).find((node) => isOp(node, reshape))?.outputs["y"];
  if (!maker || !flat || !sameShape(flat.shape, before.shape) || gate.attributes["scale"] || !takesGate(maker, undefined)) return false;
  if (uses.single(before) !== shaped || uses.single(shaped.outputs["y"]) !== gate) return false;
  replaced.replace(maker, [{ ...maker, inputs: { ...maker.inputs, gate: flat } }]);
  replaced.replace(shaped, []);
  replaced.replace(gate, [{ ...shaped, outputs: { y: gate.outputs["dx"] } }]);
  return true;
}

/** The cut that takes from a joined gradient what belongs to part `i` of the join. */
function isPart(cut: Node | undefined, whole: Value, parts: readonly Value[], i: number): cut is Node {
  const channels = (value: Value): number => value.shape[value.shape.length - 1];
  const first = parts.slice(0, i).reduce((sum, part) => sum + channels(part), 0);
  return (
    isOp(cut, slice) && cut.inputs["x"] === whole && cut.attributes["first"] === first && cut.attributes["count"] === channels(parts[i])
  );
}

function gateMakers(graph: Graph): Graph {
  const uses = new Uses(graph);
  const replaced = new Replacements();
  for (const gate of graph.nodes) {
    if (!isOp(gate, reluBackward)) continue;
    const { y, dy } = gate.inputs;
    const maker = graph.producer(dy);
    if (isOp(maker, reshape) && gateBefore(graph, uses, replaced, gate, maker)) continue;
    const scale = gate.attributes["scale"] as number | undefined;
    if (!maker || uses.single(dy) !== gate || !takesGate(maker, scale)) continue;
    const attributes = { ...maker.attributes, ...(scale !== undefined && { scale }) };
    replaced.replace(gate, [{ ...maker, inputs: { ...maker.inputs, gate: y }, outputs: { dx: gate.outputs["dx"] }, attributes }], [maker]);
  }
  return replaced.applyTo(graph);
}
