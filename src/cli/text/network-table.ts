// A network as its paper prints it: one row per layer or module of branches, with parameters and multiply-adds of one image's forward pass.
// Derived from the graph; output sizes are [height, width, channels] or [outputs].
import { Graph, type Node } from "../../graph/graph.ts";
import { build, type Network } from "../../models/network.ts";
import { sizeOf, type Shape } from "../../tensor/shape.ts";
import { table } from "../output.ts";

export interface NetworkOptions {
  readonly classes: number;
  /** Share of the paper's channels. */
  readonly width: number;
  readonly size: number;
  /** With dropout and auxiliary heads. */
  readonly training: boolean;
}

export interface LayerRow {
  readonly layer: string;
  readonly kind: string;
  /** Side of the window, for what has one. */
  readonly kernel?: number;
  readonly stride?: number;
  readonly pad?: number;
  readonly groups?: number;
  readonly output: Shape;
  /** Channels of a module's convolutions by their names: 1x1, 3x3 reduce, 3x3 ... */
  readonly branches?: Readonly<Record<string, number>>;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export interface NetworkTable {
  readonly rows: readonly LayerRow[];
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** Not in the papers' tables either: every layer but the last ends in a ReLU, and flattening moves nothing. */
const LEFT_OUT = new Set(["relu", "reshape"]);

export function networkTable(network: Network, { classes, width, size, training }: NetworkOptions): NetworkTable {
  const graph = new Graph();
  const x = graph.input("data", [1, size, size, 4]);
  const random = graph.input("random", [4], "u32");
  const { parameters } = build(network, graph, x, { classes, width, training, random });
  const parametersOf = (layer: string): number => total(parameters.filter((p) => p.layer === layer).map((p) => sizeOf(p.caffeShape)));
  const weightOf = (layer: string): number => sizeOf(parameters.find((p) => p.name === `${layer}/weight`)?.caffeShape ?? [0]);

  /** One row for each node; those of a module become one where its branches are joined. */
  const rowOf = (node: Node): LayerRow => {
    const { op, label, attributes, inputs, outputs } = node;
    const output = Object.values(outputs)[0].shape.slice(1);
    const filter = inputs["filter"]?.shape;
    const pixels = op.name === "conv2d" ? output[0] * output[1] : 1;
    const window = filter?.[1] ?? (op.name.endsWith("Pool") ? (attributes["size"] as number) : undefined);
    return {
      layer: label,
      kind: kindOf(node),
      ...(window !== undefined && { kernel: window, stride: attributes["stride"] as number, pad: attributes["pad"] as number }),
      ...(filter && { groups: filter[0] }),
      output,
      // Counted on Caffe's shapes: the padding channel of the image is not an input.
      parameters: parametersOf(label),
      multiplyAdds: weightOf(label) * pixels,
    };
  };
  const modules = graph.nodes.filter(({ op }) => op.name === "concat").map(({ label }) => label.slice(0, label.lastIndexOf("/") + 1));
  const rows: LayerRow[] = [];
  let members: LayerRow[] = [];
  for (const node of graph.nodes) {
    if (LEFT_OUT.has(node.op.name)) continue;
    const row = rowOf(node);
    const module = modules.find((prefix) => node.label.startsWith(prefix));
    if (module === undefined) rows.push(row);
    else if (node.op.name !== "concat") members.push(row);
    else {
      rows.push(moduleRow(module, row.output, members));
      members = [];
    }
  }
  return { rows, parameters: total(rows.map((row) => row.parameters)), multiplyAdds: total(rows.map((row) => row.multiplyAdds)) };
}

function moduleRow(module: string, output: Shape, members: readonly LayerRow[]): LayerRow {
  const branches = members.filter(({ kind }) => kind === "convolution").map((row) => [branchName(module, row.layer), row.output[2]]);
  return {
    layer: module.slice(0, -1),
    kind: "module",
    output,
    branches: Object.fromEntries(branches) as Record<string, number>,
    parameters: total(members.map(({ parameters }) => parameters)),
    multiplyAdds: total(members.map(({ multiplyAdds }) => multiplyAdds)),
  };
}

const branchName = (module: string, layer: string): string => layer.slice(module.length).replaceAll("_", " ");

function kindOf({ op, attributes }: Node): string {
  switch (op.name) {
    case "conv2d":
      return "convolution";
    case "lrn":
      return `LRN over ${String(attributes["size"])}`;
    case "maxPool":
      return "max pool";
    case "averagePool":
      return "average pool";
    case "innerProduct":
      return "inner product";
    case "dropout":
      return `dropout ${String(attributes["ratio"])}`;
    default:
      return op.name;
  }
}

/** The table as text; columns that nothing fills, and groups where there is but one, are left out. */
export function formatNetwork({ rows, parameters, multiplyAdds }: NetworkTable): string {
  const branches = [...new Set(rows.flatMap((row) => Object.keys(row.branches ?? {})))];
  const grouped = rows.some(({ groups }) => groups !== undefined && groups > 1);
  const columns: readonly (readonly [string, (row: LayerRow) => string])[] = [
    ["layer", ({ layer }) => layer],
    ["kind", ({ kind }) => kind],
    ["kernel", ({ kernel }) => plain(kernel)],
    ["stride", ({ stride }) => plain(stride)],
    ["pad", ({ pad }) => plain(pad)],
    ...(grouped ? [["groups", ({ groups }: LayerRow) => plain(groups)] as const] : []),
    ["output", ({ output }) => output.join(" x ")],
    ...branches.map((name) => [name, (row: LayerRow) => plain(row.branches?.[name])] as const),
    ["parameters", (row) => counted(row.parameters)],
    ["multiply-adds", (row) => counted(row.multiplyAdds)],
  ];
  const cells = rows.map((row) => columns.map(([, cell]) => cell(row)));
  const totals = ["total", ...columns.slice(3).map(() => ""), counted(parameters), counted(multiplyAdds)];
  return table(
    [...cells, totals],
    columns.map(([name]) => name),
  );
}

const plain = (value: number | undefined): string => (value === undefined ? "" : String(value));

/** 60,965,224; nothing for what has none. */
const counted = (value: number): string => (value === 0 ? "" : value.toLocaleString("en-US"));

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
