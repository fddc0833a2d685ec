// What one layer's launches need to run by themselves, as plain data that can be sent to another thread or device: their kernels, what they are bound to, how
// large their memory is and where the layer's inputs and outputs lie in it.
import { packDims } from "../engine/linker.ts";
import { problemsOf } from "../engine/lowering.ts";
import type { StateAllocation } from "../engine/memory.ts";
import type { Operand, Plan, PlannedLaunch } from "../engine/planner.ts";
import { overwrites, type Graph, type Node, type Value } from "../graph/graph.ts";
import type { TensorType } from "../graph/op.ts";
import type { Problem } from "../kernels/choose.ts";
import type { Layout } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT, roundUp, sizeOf } from "../tensor/shape.ts";

/** Where a tensor lies: its memory, the first byte, and the numbers from pixel to pixel and before the first channel where it is part of a wider one. */
export interface Place extends TensorType {
  readonly region: number;
  readonly offset: number;
  readonly stride: number;
  readonly first: number;
}

/** A storage variable, and the range of memory that it is bound to. */
export interface SetupBinding {
  readonly name: string;
  readonly binding: number;
  readonly access: "uniform" | "read" | "read_write";
  readonly region: number;
  readonly offset: number;
  readonly bytes: number;
}

export interface SetupLaunch {
  readonly name: string;
  readonly wgsl: string;
  readonly bindings: readonly SetupBinding[];
  readonly dims: ArrayBuffer;
  readonly workgroups: readonly [number, number, number];
  /** What bounds of errors are chosen by. */
  readonly shader: string;
  readonly slots: Readonly<Record<string, string>>;
}

export interface LaunchSetup {
  /** Name of the op and of the layer. */
  readonly op: string;
  readonly label: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Types of all inputs; places of those that a launch reads. */
  readonly inputs: Readonly<Record<string, TensorType>>;
  readonly inputPlaces: Readonly<Record<string, Place>>;
  readonly outputs: Readonly<Record<string, Place>>;
  /** Names of the outputs' values. */
  readonly outputNames: Readonly<Record<string, string>>;
  /** Bytes of each piece of memory. */
  readonly regions: readonly number[];
  /** The layer's launches in order, and the one that is meant. */
  readonly launches: readonly SetupLaunch[];
  readonly at: number;
  readonly flops: number;
  readonly leastBytes: number;
}

/** Layouts of the values of each node, by graph. */
const known = new WeakMap<Graph, ReadonlyMap<Node, Problem["layouts"]>>();

function layoutsOf(graph: Graph): ReadonlyMap<Node, Problem["layouts"]> {
  const made = known.get(graph) ?? new Map(problemsOf(graph).map(({ node, layouts }) => [node, layouts]));
  known.set(graph, made);
  return made;
}

interface Address {
  readonly space: string;
  readonly offset: number;
}

interface Region extends Address {
  readonly end: number;
}

/** The setup of a launch of a plan. States lie as `allocations` say. */
export function setupOf(plan: Plan, at: number, allocations: ReadonlyMap<string, StateAllocation>): LaunchSetup {
  const meant = plan.launches[at];
  const { node } = meant;
  const planned = plan.launches.filter((launch) => launch.node === node);
  const layouts: Record<string, Layout> = { ...layoutsOf(plan.graph).get(node) };
  for (const [input, output] of overwrites(node)) if (layouts[output]) layouts[input] ??= layouts[output];
  const addressOf = (operand: Operand): Address => {
    if (operand.in === "arena") return { space: `arena ${operand.arena}`, offset: operand.offset };
    if (operand.in === "input") return { space: `input ${operand.name}`, offset: operand.offset };
    const { buffer, offset } = allocations.get(operand.name) as StateAllocation;
    return { space: `states ${buffer}`, offset: offset + operand.offset };
  };
  const places = portAddresses(node, planned, addressOf);
  const ranges: Region[] = planned.flatMap(({ operands }) =>
    Object.values(operands).map((operand) => {
      const { space, offset } = addressOf(operand);
      return { space, offset, end: offset + operand.bytes };
    }),
  );
  for (const [port, { space, offset }] of places) {
    const value = node.inputs[port] ?? node.outputs[port];
    ranges.push({ space, offset, end: offset + roundUp(bytesAt(value, layouts[port]), 16) });
  }
  const regions = merged(ranges);
  const find = ({ space, offset }: Address): { region: number; offset: number } => {
    const region = regions.findIndex((each) => each.space === space && each.offset <= offset && offset < each.end);
    return { region, offset: offset - regions[region].offset };
  };
  const placeOf = (port: string, value: Value, address: Address): Place => ({
    ...typeOf(value),
    ...find(address),
    stride: layouts[port]?.stride ?? channelsOf(value),
    first: layouts[port]?.first ?? 0,
  });
  const inputs = Object.entries(node.inputs);
  return {
    op: node.op.name,
    label: node.label,
    attributes: node.attributes,
    inputs: Object.fromEntries(inputs.map(([port, value]) => [port, typeOf(value)])),
    inputPlaces: Object.fromEntries(
      inputs.flatMap(([port, value]) => {
        const address = places.get(port);
        return address ? [[port, placeOf(port, value, address)]] : [];
      }),
    ),
    outputs: Object.fromEntries(
      Object.entries(node.outputs).map(([port, value]) => {
        const address = places.get(port);
        if (!address) throw new Error(`internal: no launch of ${node.label} is bound to "${port}"`);
        return [port, placeOf(port, value, address)];
      }),
    ),
    outputNames: Object.fromEntries(Object.entries(node.outputs).map(([port, { name }]) => [port, name])),
    regions: regions.map(({ offset, end }) => roundUp(end - offset, 256)),
    launches: planned.map(({ launch, shader, operands }) => ({
      name: shader.name,
      wgsl: shader.code,
      bindings: shader.bindings.map(({ name, binding, access }) => ({
        name,
        binding,
        access,
        ...(access === "uniform"
          ? { region: -1, offset: 0, bytes: 0 }
          : { ...find(addressOf(operands[name])), bytes: operands[name].bytes }),
      })),
      dims: packDims(shader, launch.dims),
      workgroups: launch.workgroups,
      shader: launch.shader,
      slots: launch.slots ?? {},
    })),
    at: planned.indexOf(meant),
    flops: meant.launch.flops,
    leastBytes: meant.launch.bytes,
  };
}

const typeOf = ({ shape, dtype }: Value): TensorType => ({ shape, dtype });

/** Where each port begins that a launch is bound to. */
function portAddresses(node: Node, planned: readonly PlannedLaunch[], addressOf: (operand: Operand) => Address): Map<string, Address> {
  const found = new Map<string, Address>();
  for (const { launch, operands } of planned) {
    for (const [variable, operand] of Object.entries(operands)) {
      const { space, offset } = addressOf(operand);
      const span = launch.spans?.[variable];
      if (span) {
        for (const port of span) {
          const [field] = Object.entries(launch.places ?? {}).find(([, placed]) => placed === port) ?? [`${port}At`];
          found.set(port, { space, offset: offset + launch.dims[field] * BYTES_PER_ELEMENT });
        }
        continue;
      }
      const port = launch.bind?.[variable] ?? variable;
      if (node.inputs[port] ?? node.outputs[port])
        found.set(port, { space, offset: offset - (launch.slices?.[variable]?.first ?? 0) * BYTES_PER_ELEMENT });
    }
  }
  // What is written over itself may be bound by one of its two names only.
  for (const [input, output] of overwrites(node)) {
    const address = found.get(output) ?? found.get(input);
    if (!address) throw new Error(`internal: no launch of ${node.label} is bound to "${output}"`);
    found.set(output, address).set(input, address);
  }
  return found;
}

/** Numbers of a pixel: the last extent, or all of what has no pixels. */
const channelsOf = ({ shape }: TensorType): number => shape[shape.length - 1] ?? 1;

const bytesAt = (type: TensorType, layout: Layout | undefined): number =>
  (layout ? (sizeOf(type.shape) / channelsOf(type)) * layout.stride : sizeOf(type.shape)) * BYTES_PER_ELEMENT;

/** Ranges that overlap as one. */
function merged(ranges: readonly Region[]): Region[] {
  const regions: Region[] = [];
  for (const range of ranges.toSorted((a, b) => (a.space === b.space ? a.offset - b.offset : a.space < b.space ? -1 : 1))) {
    const last = regions[regions.length - 1];
    if (last?.space === range.space && range.offset < last.end)
      regions[regions.length - 1] = { ...last, end: Math.max(last.end, range.end) };
    else regions.push(range);
  }
  return regions;
}

/** Where a tensor's numbers lie in its memory, in words, in the engine's order. */
export function wordsOf({ shape, offset, stride, first }: Place): Uint32Array {
  const channels = channelsOf({ shape, dtype: "f32" });
  const base = offset / BYTES_PER_ELEMENT + first;
  const words = new Uint32Array(sizeOf(shape));
  for (let i = 0; i < words.length; i++) words[i] = base + Math.floor(i / channels) * stride + (i % channels);
  return words;
}
