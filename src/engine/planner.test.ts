// Whole plans, made for machines that are not here: of both networks at full size, training and scoring. A plan is followed launch by launch, noting
// which value every byte holds, so that one that is overwritten too early is found without a GPU.
import { describe, expect, test } from "vitest";
import { resnet18 } from "../../examples/networks/resnet18.ts";
import { Graph, overwrites, type Node, type Value } from "../graph/graph.ts";
import { familiesFor } from "../kernels/choose.ts";
import type { Target } from "../kernels/kernel.ts";
import { networks } from "../models/index.ts";
import { add } from "../ops/add.ts";
import { conv2d } from "../ops/conv2d.ts";
import { innerProduct } from "../ops/inner-product.ts";
import { relu } from "../ops/relu.ts";
import { optimise } from "../passes/index.ts";
import { shaderText } from "../platform/node.ts";
import { scoringGraph } from "../train/graphs.ts";
import { startGraph, trainingGraph } from "../train/training-graphs.ts";
import { link } from "./linker.ts";
import { bytesOf } from "./lowering.ts";
import { plan, type Operand, type Plan, type PlannedLaunch } from "./planner.ts";

const DEFAULTS: Target = {
  maxBindingBytes: 2 ** 27,
  offsetAlignment: 256,
  maxWorkgroupsPerDimension: 65535,
  maxInvocationsPerWorkgroup: 256,
  workgroupMemoryBytes: 2 ** 14,
  subgroupSize: 0,
  cpu: false,
};
/** WebGPU's guaranteed limits; a software adapter; one that binds little and so cuts much into slices. */
const TARGETS: Readonly<Record<string, Partial<Target>>> = {
  "WebGPU's defaults": {},
  "a software adapter": { subgroupSize: 8, cpu: true },
  "small bindings": { maxBindingBytes: 2 ** 23 },
};
const MAX_BUFFER = 2 ** 28;

const planOf = (graph: Graph, target: Partial<Target> = {}, maxBufferBytes = MAX_BUFFER): Plan =>
  plan(graph, {
    target: { ...DEFAULTS, ...target },
    families: familiesFor({ ...DEFAULTS, ...target }),
    maxBufferBytes,
    link: (launch) => link(launch.shader, launch, shaderText),
  });

const options = { classes: 1000, batch: 4, momentum: 0.9, weightDecay: 5e-4 };
/** Its filters, and all images of a batch normalisation at once, are what small bindings hold. */
const residual = { ...options, network: resnet18, size: 96, width: 1 / 2 };
const graphs = [
  { title: "ResNet-18, training", graph: optimise(trainingGraph(residual).graph) },
  { title: "ResNet-18, scoring", graph: optimise(scoringGraph(residual).graph) },
  ...Object.values(networks).flatMap((network) => [
    { title: `${network.title}, training`, graph: optimise(trainingGraph({ ...options, network }).graph) },
    { title: `${network.title}, training without passes`, graph: trainingGraph({ ...options, network }).graph },
    { title: `${network.title}, scoring`, graph: optimise(scoringGraph({ ...options, network }).graph) },
    { title: `${network.title}, starting values`, graph: optimise(startGraph({ ...options, network }).graph) },
  ]),
];
const plans = graphs.flatMap(({ title, graph }) =>
  Object.entries(TARGETS).map(([machine, target]) => ({
    title: `${title}, on ${machine}`,
    target: { ...DEFAULTS, ...target },
    made: planOf(graph, target),
  })),
);

const bufferOf = (operand: Operand): string => (operand.in === "arena" ? `arena ${operand.arena}` : `${operand.in} ${operand.name}`);

/** Which value each byte of each buffer holds. */
class Memory {
  readonly #pieces = new Map<string, { from: number; to: number; held: Value | string }[]>();

  put(operand: Operand, held: Value | string): void {
    const [from, to] = [operand.offset, operand.offset + operand.bytes];
    const before = this.#pieces.get(bufferOf(operand)) ?? [];
    const left = before.flatMap((piece) => [
      { ...piece, to: Math.min(piece.to, from) },
      { ...piece, from: Math.max(piece.from, to) },
    ]);
    this.#pieces.set(bufferOf(operand), [...left.filter((piece) => piece.from < piece.to), { from, to, held }]);
  }

  /** What lies in a range, each value once; "nothing" where some of it was never written. */
  at(operand: Operand): (Value | string)[] {
    const [from, to] = [operand.offset, operand.offset + operand.bytes];
    const inside = (this.#pieces.get(bufferOf(operand)) ?? []).filter((piece) => piece.from < to && piece.to > from);
    const covered = inside.reduce((sum, piece) => sum + Math.min(piece.to, to) - Math.max(piece.from, from), 0);
    return [...new Set(inside.map(({ held }) => held)), ...(covered < to - from ? ["nothing"] : [])];
  }
}

/** The value whose bytes a value shares under another shape, or as some of its channels. */
function rootsOf(graph: Graph): (value: Value) => Value {
  const roots = new Map<Value, Value>();
  const root = (value: Value): Value => {
    const view = graph.views.get(value);
    return view ? root(view.of) : (roots.get(value) ?? value);
  };
  for (const { op, inputs, outputs } of graph.nodes) if (op.alias) roots.set(Object.values(outputs)[0], root(Object.values(inputs)[0]));
  return root;
}

const named = (held: Value | string): string => (typeof held === "string" ? held : held.name);

/** Follows a plan; returns everything that was read where it no longer lay. */
function follow({ graph, launches, outputs }: Plan): string[] {
  const root = rootsOf(graph);
  const memory = new Memory();
  const problems: string[] = [];
  const expectHeld = (operand: Operand, wanted: Value | string, where: string): void => {
    const held = memory.at(operand);
    if (held.length !== 1 || held[0] !== wanted) problems.push(`${where} wants ${named(wanted)}, finds ${held.map(named).join(", ")}`);
  };
  const whole = (place: "input" | "state", name: string): Operand => ({ in: place, name, offset: 0, bytes: 2 ** 40 });
  for (const value of graph.inputs) memory.put(whole("input", value.name), value);
  for (const { name, value } of graph.states) memory.put(whole("state", name), value);

  const contentOf = (node: Node, port: string): Value | string => {
    const value = node.inputs[port] ?? node.outputs[port];
    return value ? root(value) : `scratch ${port} of ${node.label}`;
  };
  /** The state that a value is. */
  const stateOf = (wanted: Value): Operand => {
    const state = graph.states.find(({ value }) => value === wanted);
    if (!state) throw new Error(`${wanted.name} is not a state`);
    return { in: "state", name: state.name, offset: 0, bytes: bytesOf(state.value) };
  };
  /** The parts of one of several nodes, where its product left them, inside what a joined launch reads. */
  const expectParts = (node: Node, read: Operand): void => {
    const product = launches.find((each) => each.node === node && each.launch.bind?.["result"] === "partial");
    const parts = product?.operands["result"];
    const end = read.offset + read.bytes;
    if (!parts || bufferOf(parts) !== bufferOf(read) || parts.offset < read.offset || parts.offset + parts.bytes > end)
      problems.push(`the parts of ${node.label} lie outside of what a joined launch reads`);
    else expectHeld(parts, `scratch partial of ${node.label}`, `${node.label}: parts`);
  };
  for (const { node, nodes = [node], reader = node, launch, shader, operands } of launches) {
    const spanned = (name: string): Value[] => (launch.spans?.[name] ?? []).map((port) => reader.inputs[port]);
    for (const { name, access } of shader.bindings) {
      if (access !== "read") continue;
      for (const value of spanned(name)) expectHeld(stateOf(value), root(value), `${node.label}: ${value.name}`);
      if (launch.spans?.[name]) continue;
      if (nodes.length > 1 && name === "partial") for (const each of nodes) expectParts(each, operands[name]);
      else expectHeld(operands[name], contentOf(node, launch.bind?.[name] ?? name), `${node.label}: ${name}`);
    }
    for (const { name, access } of shader.bindings) {
      if (access !== "read_write") continue;
      for (const each of nodes)
        for (const [input, output] of overwrites(each).filter(([input]) => spanned(name).includes(each.inputs[input]))) {
          expectHeld(stateOf(each.inputs[input]), contentOf(each, input), `${each.label}: ${input}, to be overwritten,`);
          memory.put(stateOf(each.inputs[input]), each.outputs[output]);
        }
      if (launch.spans?.[name]) continue;
      const port = launch.bind?.[name] ?? name;
      const overwritten = overwrites(node).find((ports) => ports.includes(port));
      if (overwritten) {
        // A node of several launches continues with what its first has made.
        const next = node.outputs[overwritten[1]];
        const begun = memory.at(operands[name])[0] === next;
        expectHeld(operands[name], begun ? next : contentOf(node, overwritten[0]), `${node.label}: ${name}, to be overwritten,`);
        memory.put(operands[name], next);
      } else memory.put(operands[name], contentOf(node, port));
    }
  }
  for (const [name, operand] of outputs) {
    const value = graph.outputs.get(name) as Value;
    expectHeld({ ...operand, bytes: bytesOf(value) }, root(value), `output ${name}`);
  }
  for (const { name, value, next } of graph.states) {
    expectHeld({ in: "state", name, offset: 0, bytes: bytesOf(value) }, root(next ?? value), `state ${name}, in the end,`);
  }
  return problems;
}

describe.each(plans)("$title", ({ made, target }) => {
  test("every launch finds what it reads, and the step leaves its outputs and states", () => {
    expect(follow(made)).toEqual([]);
    expect(made.launches.length).toBeGreaterThan(10);
  });

  test("no launch reads and writes one buffer; states share theirs", () => {
    for (const { node, shader, operands } of made.launches) {
      const buffersOf = (wanted: string): string[] =>
        shader.bindings
          .filter(({ access }) => access === wanted)
          .map(({ name }) => (operands[name].in === "state" ? "states" : bufferOf(operands[name])));
      const written = buffersOf("read_write");
      expect(
        buffersOf("read").filter((buffer) => written.includes(buffer)),
        node.label,
      ).toEqual([]);
    }
  });

  test("every binding starts, ends and measures as the adapter allows", () => {
    for (const { operands, shader } of made.launches) {
      for (const operand of Object.values(operands)) {
        expect(operand.offset % target.offsetAlignment, shader.name).toBe(0);
        expect(operand.bytes).toBeGreaterThan(0);
        expect(operand.bytes).toBeLessThanOrEqual(target.maxBindingBytes);
        if (operand.in === "arena") expect(operand.offset + operand.bytes).toBeLessThanOrEqual(made.arenas[operand.arena]);
      }
    }
    expect(Math.max(0, ...made.arenas)).toBeLessThanOrEqual(MAX_BUFFER);
  });

  test("needs no more than 1.15 of what lives at once", () => {
    expect(made.peakBytes).toBeGreaterThanOrEqual(made.boundBytes);
    expect(made.peakBytes).toBeLessThan(1.15 * made.boundBytes);
  });
});

test("the follower finds a value that is overwritten too early", () => {
  const graph = new Graph();
  const x = graph.input("x", [64]);
  const first = graph.add(relu, { x }, {}, "first").y;
  const second = graph.add(relu, { x: first }, {}, "second").y;
  graph.output("y", graph.add(add, { a: first, b: second }, {}, "sum").y);
  const made = planOf(graph);
  expect(follow(made)).toEqual([]);
  const moved = made.launches.map((launch): PlannedLaunch =>
    launch.node.label === "second" ? { ...launch, operands: { ...launch.operands, y: launch.operands["x"] } } : launch,
  );
  expect(follow({ ...made, launches: moved })).toEqual(["sum: a wants first, finds second", "sum: b wants second, finds nothing"]);
});

test("a value that nothing uses is not planned", () => {
  const graph = new Graph();
  const x = graph.input("x", [64]);
  graph.add(relu, { x }, {}, "unused");
  graph.output("y", graph.add(relu, { x }, {}, "wanted").y);
  expect(planOf(graph).launches.map(({ node }) => node.label)).toEqual(["wanted"]);
});

test("a tensor beyond the adapter's bindings comes in slices that meet without a gap", () => {
  const graph = new Graph();
  const x = graph.input("x", [2, 512]);
  graph.output("y", graph.add(innerProduct, { x, weight: graph.state("weight", [512, 1024]) }, {}, "fc").y);
  const slices = planOf(graph, { maxBindingBytes: 2 ** 19 }).launches.flatMap(({ operands }) =>
    Object.values(operands).filter((operand) => operand.in === "state"),
  );
  expect(slices.length).toBeGreaterThan(1);
  slices.forEach(({ offset }, i) => expect(offset).toBe(slices.slice(0, i).reduce((sum, { bytes }) => sum + bytes, 0)));
  expect(slices.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(512 * 1024 * 4);
});

test("what fits no buffer or no binding is an error that says what to do", () => {
  const graph = new Graph();
  const x = graph.input("x", [64, 4]);
  graph.output("y", graph.add(innerProduct, { x, weight: graph.state("weight", [4, 4096]) }, {}, "wide").y);
  expect(() => planOf(graph, {}, 2 ** 18)).toThrow(
    /"wide" needs 1048576 bytes, but this adapter's buffers are limited to 262144: use a smaller batch/,
  );

  const image = new Graph();
  const filter = image.state("filter", [1, 3, 3, 64, 64]);
  image.output("y", image.add(conv2d, { x: image.input("x", [1, 8, 8, 64]), filter }, { stride: 1, pad: 1 }, "conv").y);
  expect(() => planOf(image, { maxBindingBytes: 2 ** 16 })).toThrow(
    /conv2d "conv": the filter \[1, 3, 3, 64, 64\] takes 147456 bytes, this adapter binds 65536 at once: use fewer/,
  );
});
