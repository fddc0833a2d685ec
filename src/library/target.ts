// What a gradient is of: a class's score, a loss, or one output of a layer.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { sizeOf } from "../tensor/shape.ts";
import type { MicroscopeGraph, MicroscopeOptions } from "../train/microscope-graph.ts";
import { expectOptions, kind, text, whole, type Kind } from "./check.ts";

/** What is differentiated: a class's score before the softmax; the loss at a label, of all heads; or one output of a layer. */
export type Target =
  | { readonly class: number }
  | { readonly loss: number }
  | { readonly layer: string; readonly channel: number; readonly row?: number; readonly column?: number };

export const TARGETS: Kind = kind(
  (value) => typeof value === "object" && value !== null && ["class", "loss", "layer"].some((name) => name in value),
  "{ class }, { loss } or { layer, channel, row, column }",
);

/** Throws a TypeError for a class that is not there and for members of another kind. */
export function expectTarget(of: Target, classes: number): void {
  const index = kind(
    (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) < classes,
    `a class, 0 to ${classes - 1}`,
  );
  if ("class" in of) expectOptions("of", of, { class: index });
  else if ("loss" in of) expectOptions("of", of, { loss: index });
  else expectOptions("of", of, { layer: text, channel: whole(0), row: whole(0), column: whole(0) });
}

/** Name of the value that a target is in, as `microscopeGraph` takes it. */
export function targetOf(of: Target | undefined, scoring: Graph): MicroscopeOptions["target"] {
  if (!of) return null;
  if ("loss" in of) return "loss";
  if ("layer" in of) return { value: of.layer };
  const softmax = scoring.producer(scoring.outputs.get("p") as Value) as Node;
  return { value: Object.values(softmax.inputs)[0].name };
}

/** 1 for the element that is asked about, else 0. Throws a TypeError where the layer does not have it. */
export function seedOf({ graph }: Pick<MicroscopeGraph, "graph">, of: Exclude<Target, { readonly loss: number }>): Float32Array {
  const { shape } = graph.inputs.find(({ name }) => name === "seed") as Value;
  const seed = new Float32Array(sizeOf(shape));
  if ("class" in of) {
    seed[of.class] = 1;
    return seed;
  }
  const { channel, row = 0, column = 0, layer } = of;
  const [channels, rows, columns] = shape.length === 4 ? [shape[3], shape[1], shape[2]] : [shape[1], 1, 1];
  if (!(channel < channels && row < rows && column < columns))
    throw new TypeError(
      `of: layer "${layer}" has ${channels} channels, ${rows} rows and ${columns} columns, got ${channel}, ${row}, ${column}`,
    );
  seed[(row * columns + column) * channels + channel] = 1;
  return seed;
}
