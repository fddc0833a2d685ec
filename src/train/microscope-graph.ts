// A network opened for one picture: forward, and the gradient of a target down to the pixels, every value of it an output of the graph.
import { differentiate } from "../graph/autodiff.ts";
import { Graph, type Value } from "../graph/graph.ts";
import { build } from "../models/network.ts";
import { add } from "../ops/add.ts";
import { constant } from "../ops/constant.ts";
import { softmax } from "../ops/softmax.ts";
import { softmaxLoss } from "../ops/softmax-loss.ts";
import { buildOptions, croppedImages, type GraphOptions, type NetworkGraph } from "./graphs.ts";

export interface MicroscopeOptions {
  /**
   * What is differentiated. "loss": the losses of all heads at the input `labels` [1]. Otherwise a value by name, of which the input `seed`, shaped like it, weighs
   * the elements. Null: nothing.
   */
  readonly target: "loss" | { readonly value: string } | null;
  /** Parameters whose gradients are computed. */
  readonly parameters: readonly string[];
  /** With dropout (input `random`) and auxiliary heads. Default false. */
  readonly training?: boolean;
  /** Activations that are outputs, and whose gradients are. Default: all, with what lies between. */
  readonly only?: readonly string[];
}

export interface MicroscopeGraph extends NetworkGraph {
  /** Values of the forward pass, in its order. */
  readonly activations: ReadonlyMap<string, Value>;
  /** Gradients of the target by the activation or parameter that they are for. */
  readonly gradients: ReadonlyMap<string, Value>;
  /** Losses by head, where they are the target. */
  readonly losses: ReadonlyMap<string, Value>;
  /** The graph's output of each value that has one. */
  readonly outputs: ReadonlyMap<Value, string>;
}

/** Inputs `pixels`, `placement`, and those that the options name; states are the network's parameters and mean. Throws for a name that it does not have. */
export function microscopeGraph(options: Omit<GraphOptions, "batch">, wanted: MicroscopeOptions): MicroscopeGraph {
  const { target, training = false, only } = wanted;
  const graph = new Graph();
  const image = croppedImages(graph, { ...options, batch: 1 });
  const random = training ? graph.input("random", [4], "u32") : null;
  const built = build(options.network, graph, image, { ...buildOptions({ ...options, batch: 1 }, training), ...(random && { random }) });
  graph.output("p", graph.add(softmax, { x: built.heads[0].logits }, {}, "prob").y);
  const activations = new Map(floatsOf(graph).map((value) => [value.name, value]));
  const known = (name: string): Value => {
    const value = activations.get(name);
    if (!value) throw new TypeError(`there is no layer "${name}"; the network has ${[...activations.keys()].join(", ")}`);
    return value;
  };

  const losses = new Map<string, Value>();
  const roots: Value[] = [];
  if (target === "loss") {
    const labels = graph.input("labels", [1], "u32");
    for (const { name, logits, lossWeight } of built.heads)
      losses.set(name, graph.add(softmaxLoss, { x: logits, labels }, { weight: lossWeight }, `${name}/loss`).loss);
    roots.push(...losses.values());
  } else if (target) roots.push(known(target.value));

  const gradients = new Map<string, Value>();
  if (target) {
    const reached = sourcesOf(graph, roots);
    const named = new Map(built.parameters.map(({ name, value }) => [name, value]));
    for (const name of wanted.parameters)
      if (!named.has(name)) throw new TypeError(`there is no parameter "${name}"; the network has ${[...named.keys()].join(", ")}`);
    const chosen = only ? new Map(only.map((name) => [name, known(name)])) : activations;
    const wrt = [...chosen, ...[...named].filter(([name]) => wanted.parameters.includes(name))].filter(([, value]) => reached.has(value));
    const seed = target === "loss" ? [] : [graph.input("seed", roots[0].shape)];
    const found = differentiate(
      graph,
      roots,
      wrt.map(([, value]) => value),
      { add, constant },
      ...seed,
    );
    for (const [name, value] of wrt) gradients.set(name, found.get(value) as Value);
  }

  const outputs = new Map<Value, string>();
  const show = (name: string, value: Value): void => {
    if (outputs.has(value)) return;
    graph.output(name, value);
    outputs.set(value, name);
  };
  for (const [name, value] of only ? only.map((name) => [name, known(name)] as const) : activations) show(`activation:${name}`, value);
  for (const [name, value] of gradients) show(`gradient:${name}`, value);
  for (const [name, value] of losses) show(`loss:${name}`, value);
  if (!only) for (const value of floatsOf(graph)) show(`between:${value.name}`, value);
  return { graph, parameters: built.parameters, built, activations, gradients, losses, outputs };
}

/** Everything that nodes make and that holds floats. */
const floatsOf = ({ nodes }: Graph): Value[] =>
  nodes.flatMap(({ outputs }) => Object.values(outputs)).filter(({ dtype }) => dtype === "f32");

/** Values that some of `roots` depend on, themselves included. */
function sourcesOf({ nodes }: Graph, roots: readonly Value[]): Set<Value> {
  const reached = new Set(roots);
  for (const { inputs, outputs } of nodes.toReversed())
    if (Object.values(outputs).some((value) => reached.has(value))) for (const value of Object.values(inputs)) reached.add(value);
  return reached;
}
