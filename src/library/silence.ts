// Channels of a network that are 0 in one look.
import type { Graph } from "../graph/graph.ts";
import type { Parameter } from "../models/network.ts";
import { kind, whole, type Kind } from "./check.ts";
import type { Subject } from "./subject.ts";

/** A channel of a layer. */
export interface Channel {
  /** Name of the layer. */
  readonly layer: string;
  /** Number of the channel, from 0. */
  readonly channel: number;
}

export const CHANNELS: Kind = kind(
  (value) => Array.isArray(value) && value.every((each) => typeof Object(each).layer === "string" && whole(0)[0](Object(each).channel)),
  "an array of { layer, channel }",
);

/** Values of a parameter in the engine's order. */
export interface Silenced {
  /** As they are. */
  readonly original: Float32Array;
  /** With some channels 0. */
  readonly zeroed: Float32Array;
}

/** Weights and bias of the convolution or inner product that a layer is, or is the ReLU of. Throws a TypeError for another layer. */
export function parametersOf(graph: Graph, layer: string, parameters: readonly Parameter[]): Parameter[] {
  let node = graph.nodes.find(({ outputs }) => Object.values(outputs).some(({ name }) => name === layer));
  while (node?.op.name === "relu") node = graph.producer(node.inputs["x"]);
  const found = parameters.filter((parameter) => node !== undefined && parameter.layer === node.label);
  if (found.length === 0) throw new TypeError(`look: there is no convolution or inner product "${layer}", nor one whose ReLU it is`);
  return found;
}

/** Parameters of some channels, by name. Throws a TypeError for a layer or a channel that is not there. */
export async function silenced(
  { states, parameters }: Pick<Subject, "states" | "parameters">,
  graph: Graph,
  channels: readonly Channel[],
): Promise<Map<string, Silenced>> {
  const chosen = channels.flatMap(({ layer, channel }) =>
    parametersOf(graph, layer, parameters).map((parameter) => {
      const [count] = parameter.caffeShape;
      if (channel >= count) throw new TypeError(`look: layer "${layer}" has ${count} channels, got channel ${channel}`);
      return { parameter, channel };
    }),
  );
  const values = await states.readAll(new Set(chosen.map(({ parameter }) => parameter.name)));
  const found = new Map([...values].map(([name, original]) => [name, { original, zeroed: original.slice() }]));
  for (const { parameter, channel } of chosen) clear((found.get(parameter.name) as Silenced).zeroed, parameter, channel);
  return found;
}

/** Sets what belongs to a channel to 0. */
function clear(values: Float32Array, { order, value }: Parameter, channel: number): void {
  // The output is the last axis; a filter of several groups has those of each group together.
  const outputs = value.shape.at(-1) as number;
  const [group, within] = order.kind === "filter" ? [Math.floor(channel / outputs), channel % outputs] : [0, channel];
  const size = values.length / (order.kind === "filter" ? order.groups : 1);
  for (let i = group * size + within; i < (group + 1) * size; i += outputs) values[i] = 0;
}
