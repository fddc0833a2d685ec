// Joining and cutting without copies: each part is written where the whole has it, and read from there. Kernels of products take the distance from one
// pixel to the next as data, so that some channels of a wider tensor are as good as a tensor of their own.
import { overwrites, type Graph, type Node, type Value } from "../graph/graph.ts";
import { concat, inOrder, slice } from "../ops/concat.ts";
import { isOp, Uses, type Pass } from "./rewrite.ts";

/** Vectors of four channels must stay aligned. */
const ALIGNED = 4;

/** Concat: written in place by its producers, its gradient read in place. */
export const concatInPlace: Pass = {
  apply(before) {
    const graph = before.derive(before.nodes);
    const uses = new Uses(graph);
    for (const node of graph.nodes) {
      if (isOp(node, concat)) joinInPlace(graph, uses, node);
      if (isOp(node, slice)) cutInPlace(graph, uses, node);
    }
    for (let node = graph.nodes.find((node) => isApart(graph, node)); node; node = graph.nodes.find((node) => isApart(graph, node)))
      for (const value of [node.inputs["gate"], node.outputs["dx"]]) takeOut(graph, value);
    return graph;
  },
};

/** A gradient and its gate are walked by one index: both lie dense, or at the same channels of equally wide tensors. */
function isApart({ views }: Graph, { inputs: { gate }, outputs: { dx } }: Node): boolean {
  if (!gate || !dx) return false;
  const [a, b] = [views.get(gate), views.get(dx)];
  return a?.first !== b?.first || (a && channelsOf(a.of)) !== (b && channelsOf(b.of));
}

/** Gives a value its own memory again, and with it all that lie in the same one. */
function takeOut({ views }: Graph, value: Value): void {
  const of = views.get(value)?.of;
  for (const [part, view] of views) if (view.of === of) views.delete(part);
}

/** All parts or none: a join of which something is left to do is copied whole. */
function joinInPlace(graph: Graph, uses: Uses, join: Node): void {
  const parts = inOrder(join.inputs);
  const of = join.outputs["y"];
  if (!parts.every((part) => channelsOf(part) % ALIGNED === 0 && mayLieWithin(graph, uses, part, join))) return;
  let first = 0;
  for (const part of parts) {
    graph.views.set(part, { of, first });
    first += channelsOf(part);
  }
}

function cutInPlace(graph: Graph, uses: Uses, cut: Node): void {
  const [of, part] = [cut.inputs["x"], cut.outputs["y"]];
  const first = cut.attributes["first"] as number;
  if ([first, channelsOf(of), channelsOf(part)].some((extent) => extent % ALIGNED !== 0)) return;
  // What lies in memory of the step's own, and is not itself overwritten while the part is read.
  const maker = graph.producer(of);
  const overwritten = uses.of(of).some((reader) => (reader.op.inPlace ?? []).some(([input]) => reader.inputs[input] === of));
  if (maker && !overwritten && !uses.escapes(of) && mayLieWithin(graph, uses, part, cut)) graph.views.set(part, { of, first });
}

/** Whether a value's producer and readers can work within a wider tensor; `join` is the node that puts it there. */
function mayLieWithin(graph: Graph, uses: Uses, value: Value, join: Node): boolean {
  const maker = graph.producer(value);
  if (!maker || uses.escapes(value) || graph.views.has(value)) return false;
  // What is written over another value lies where that one does.
  if (overwrites(maker).some(([, output]) => maker.outputs[output] === value)) return false;
  return [maker, ...uses.of(value)].every((node) => node === join || portsOf(node, value).every((port) => node.op.strided?.includes(port)));
}

const portsOf = ({ inputs, outputs }: Node, value: Value): string[] =>
  Object.entries({ ...inputs, ...outputs }).flatMap(([port, other]) => (other === value ? [port] : []));

const channelsOf = ({ shape }: Value): number => shape[shape.length - 1];
