// A graph as text, one line per node: what golden texts compare, what `npx striatum inspect --graph` shows, and what the hash is of.
import { sha256Hex } from "../tensor/sha256.ts";
import { formatShape } from "../tensor/shape.ts";
import type { Graph, Value } from "./graph.ts";

const typed = ({ name, dtype, shape }: Value): string => `${name}: ${dtype}${formatShape(shape)}`;

function formatAttribute(value: unknown): string {
  if (Array.isArray(value)) return `[${value.join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `(${Object.entries(value)
    .map(([key, inner]) => `${key}=${formatAttribute(inner)}`)
    .join(" ")})`;
}

/** For example `conv1: f32[1, 55, 55, 96] = conv2d(x: data, filter: conv1/weight, bias: conv1/bias) stride=4 pad=0 groups=1`. */
export function printGraph(graph: Graph): string {
  const lines = [
    ...graph.inputs.map((value) => `input ${typed(value)}`),
    ...graph.states.map(({ value }) => `state ${typed(value)}`),
    ...graph.nodes.map(({ op, inputs, outputs, attributes }) => {
      const left = Object.values(outputs).map(typed).join(", ");
      const args = Object.entries(inputs).map(([port, value]) => `${port}: ${value.name}`);
      const named = Object.entries(attributes).map(([key, value]) => ` ${key}=${formatAttribute(value)}`);
      return `${left} = ${op.name}(${args.join(", ")})${named.join("")}`;
    }),
    ...[...graph.views].map(
      ([value, { of, first }]) => `view ${value.name} = ${of.name}[..., ${first}:${first + value.shape[value.shape.length - 1]}]`,
    ),
    ...graph.states.filter(({ next }) => next).map(({ name, next }) => `update ${name} <- ${next?.name}`),
    ...[...graph.outputs].map(([name, value]) => `output ${name} <- ${value.name}`),
  ];
  return `${lines.join("\n")}\n`;
}

/** Sixteen hexadecimal digits that change with anything the printed graph shows. */
export const hashGraph = (graph: Graph): string => sha256Hex(printGraph(graph), 16);
