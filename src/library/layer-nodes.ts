// The layers of a network as a microscope shows them.
import { blockOf, layerOf } from "../engine/stages.ts";
import type { Graph } from "../graph/graph.ts";
import { fieldsOf, type ReceptiveField } from "./fields.ts";
import { placementOf } from "./tensors.ts";

/** A layer of the network as it is written, before any pass. */
export interface LayerNode {
  /** Name of its output: the id of its activation without "activation:". */
  readonly name: string;
  /** Layer that it belongs to, and that layer's block: "inception_3a/3x3", "inception_3a". */
  readonly layer: string;
  /** Block of layers. */
  readonly block: string;
  /** Name of the op. */
  readonly op: string;
  /** Attributes of the op: stride, pad, size and so on. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Layers whose outputs it reads, by name. */
  readonly inputs: readonly string[];
  /** Parameters that it reads, by name. */
  readonly parameters: readonly string[];
  /** Extents of its output for one picture: [1, channels, height, width] or [1, features]. */
  readonly shape: readonly number[];
  /** Pixels of the input that one output depends on; null for all of them. */
  readonly field: ReceptiveField | null;
}

/** Layers of a scoring graph in the order of the forward pass. */
export function layersOf(graph: Graph): LayerNode[] {
  const made = new Set(graph.nodes.flatMap(({ outputs }) => Object.values(outputs)));
  const states = new Map(graph.states.map(({ name, value }) => [value, name]));
  const fields = fieldsOf(graph);
  return graph.nodes.map((node) => {
    const [value] = Object.values(node.outputs);
    const inputs = Object.values(node.inputs);
    const layer = layerOf(node);
    return {
      name: value.name,
      layer,
      block: blockOf(layer),
      op: node.op.name,
      attributes: node.attributes,
      inputs: inputs.flatMap((input) => (made.has(input) ? [input.name] : [])),
      parameters: inputs.flatMap((input) => states.get(input) ?? []).filter((name) => name !== "mean"),
      shape: placementOf(value.shape).shape,
      field: fields.get(value) ?? null,
    };
  });
}
