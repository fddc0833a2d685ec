// Turns a graph into a flat plan: which kernels run in which order, and where every value lies. Needs no GPU: a plan can be made, printed
// and checked for an adapter that is not here.
import type { Graph, Node, Value } from "../graph/graph.ts";
import { verifyGraph } from "../graph/verify.ts";
import type { ChooseOptions } from "../kernels/choose.ts";
import type { Family, Launch, Tuning } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT, roundUp } from "../tensor/shape.ts";
import type { Halves } from "./halves.ts";
import { joinLaunches } from "./join.ts";
import type { LinkedShader } from "./linker.ts";
import {
  bytesOf,
  defaultAllocations,
  externalValues,
  lowerAll,
  packHalves,
  type Draft,
  type Link,
  type Lowered,
  type VirtualBuffer,
} from "./lowering.ts";
import { ALIGNMENT, allocate, type Allocation, type LiveRange, type MemoryLayout, type StateAllocation } from "./memory.ts";
import { Spans } from "./spans.ts";

/** What a variable of a launch is bound to. Inputs and states have buffers of their own; everything else lies in an arena. */
export type Operand = ({ readonly in: "arena"; readonly arena: number } | { readonly in: "input" | "state"; readonly name: string }) & {
  /** Within the arena, or from the start of the input or state. */
  readonly offset: number;
  readonly bytes: number;
};

export interface PlannedLaunch {
  /** The node that it works for; where launches were joined, the last of `nodes`. */
  readonly node: Node;
  readonly nodes?: readonly Node[];
  readonly family: Family;
  readonly tuning?: Tuning;
  readonly launch: Launch;
  readonly shader: LinkedShader;
  /** By variable of the shader, all but `dims`. */
  readonly operands: Readonly<Record<string, Operand>>;
}

/** A value's place in an arena, and the launches between which it lies there, `from` and `to` included. */
export interface PlacedValue extends Allocation {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Plan {
  readonly graph: Graph;
  readonly launches: readonly PlannedLaunch[];
  readonly arenas: readonly number[];
  /** What lies in the arenas, in the order of `from`. */
  readonly values: readonly PlacedValue[];
  /** Where an output of the graph lies after a step. */
  readonly outputs: ReadonlyMap<string, Operand>;
  /** GPU memory of the whole step in bytes: inputs, states, arenas. */
  readonly peakBytes: number;
  /** What no plan could do without: inputs, states, and the largest sum of values that live at once. */
  readonly boundBytes: number;
}

export interface PlanOptions extends Omit<ChooseOptions, "kernels"> {
  /** Where the states lie; default: packed in the graph's order. */
  readonly stateAllocations?: ReadonlyMap<string, StateAllocation>;
  readonly maxBufferBytes: number;
  /** Joins launches of several nodes, where kernels allow it; default true. */
  readonly joins?: boolean;
  /** Stores values in 16 bits where it can. */
  readonly halves?: Halves;
  readonly link: Link;
}

/**
 * Format of values that live between two kernels of one step. "f16": two half floats in a word, wherever all kernels that touch a value load and store
 * whole vectors of it; sums stay f32.
 */
export const STORAGES = ["f32", "f16"] as const;
export type Storage = (typeof STORAGES)[number];

/** Lowers a graph and places its values. Throws where a value fits no buffer or no binding of the target. */
export function plan(graph: Graph, { maxBufferBytes, halves, stateAllocations, joins = true, ...options }: PlanOptions): Plan {
  const spans = new Spans(graph, stateAllocations ?? defaultAllocations(graph, maxBufferBytes));
  verifyGraph(graph);
  const external = externalValues(graph);
  const alone = lowerAll(graph, spans, options);
  const outputs = [...graph.outputs.values()].map((value) => alone.buffers.get(value) as Value);
  const lowered = joins ? joinLaunches(alone, { spans, ...options, outputs: new Set(outputs) }) : alone;
  const { packed, ...packedGraph } = halves
    ? packHalves(lowered, new Set([...external, ...outputs]), halves, options.link)
    : { ...lowered, packed: new Set<VirtualBuffer>() };

  const ranges = liveRanges(packedGraph, outputs, external, packed);
  const drafts = packedGraph.nodes.flatMap((node) => node.drafts);
  const layout = allocate([...ranges.values()], conflicts(drafts, ranges), maxBufferBytes);
  const locate = locator(graph, ranges, layout);

  const externalBytes = [...external].reduce((sum, value) => sum + roundUp(bytesOf(value), ALIGNMENT), 0);
  return {
    graph,
    launches: drafts.map((draft) => place(draft, { ranges, locate, spans, maxBindingBytes: options.target.maxBindingBytes })),
    arenas: layout.arenas,
    values: placedValues(packedGraph, layout),
    outputs: new Map([...graph.outputs.keys()].map((name, i) => [name, locate(outputs[i])])),
    peakBytes: externalBytes + layout.arenas.reduce((sum, bytes) => sum + bytes, 0),
    boundBytes: externalBytes + layout.boundBytes,
  };
}

type LiveRanges = ReadonlyMap<VirtualBuffer, LiveRange>;

/** From the first to the last node that uses each buffer of an arena; outputs live to the end of the step. */
function liveRanges(
  { nodes, buffers }: Lowered,
  outputs: readonly Value[],
  external: ReadonlySet<Value>,
  packed: ReadonlySet<VirtualBuffer>,
): LiveRanges {
  const ranges = new Map<VirtualBuffer, LiveRange>();
  const use = (buffer: Value, at: number): void => {
    if (external.has(buffer)) return;
    const bytes = packed.has(buffer) ? roundUp(bytesOf(buffer) / 2, 16) : bytesOf(buffer);
    ranges.set(buffer, { name: buffer.name, bytes, from: ranges.get(buffer)?.from ?? at, to: at });
  };
  nodes.forEach(({ node, scratch }, at) => {
    for (const value of [...Object.values(node.inputs), ...Object.values(node.outputs)]) use(buffers.get(value) as Value, at);
    for (const [name, bytes] of scratch) ranges.set(name, { name, bytes, from: ranges.get(name)?.from ?? at, to: at });
  });
  for (const buffer of outputs) use(buffer, nodes.length);
  return ranges;
}

/** Live ranges of nodes as ranges of launches. A value that lives to the end of the step lives to its last launch. */
function placedValues({ nodes }: Lowered, { allocations }: MemoryLayout): PlacedValue[] {
  const starts = [0];
  for (const { drafts } of nodes) starts.push(starts[starts.length - 1] + drafts.length);
  const last = starts[nodes.length] - 1;
  const placed = [...allocations].map(([{ name, from, to }, allocation]) => ({
    name,
    ...allocation,
    from: Math.min(starts[from], last),
    to: to < nodes.length ? Math.max(starts[to + 1] - 1, starts[from]) : last,
  }));
  return placed.toSorted((a, b) => a.from - b.from);
}

/** Pairs that one launch reads and writes, both ways round: they may share no arena. */
function conflicts(drafts: readonly Draft[], ranges: LiveRanges): Map<LiveRange, Set<LiveRange>> {
  const found = new Map<LiveRange, Set<LiveRange>>();
  const add = (a: LiveRange, b: LiveRange): void => {
    const known = found.get(a);
    if (known) known.add(b);
    else found.set(a, new Set([b]));
  };
  for (const { shader, buffers } of drafts) {
    for (const read of shader.bindings.filter(({ access }) => access === "read")) {
      for (const written of shader.bindings.filter(({ access }) => access === "read_write")) {
        if (buffers[read.name] === buffers[written.name]) {
          throw new Error(`internal: ${shader.name} reads "${read.name}" and writes "${written.name}", which are the same memory`);
        }
        const a = ranges.get(buffers[read.name]);
        const b = ranges.get(buffers[written.name]);
        if (a && b) {
          add(a, b);
          add(b, a);
        }
      }
    }
  }
  return found;
}

/** Gives each buffer its whole address: in an arena, or as an input or a state. */
function locator({ states }: Graph, ranges: LiveRanges, { allocations }: MemoryLayout): (buffer: VirtualBuffer) => Operand {
  const stateNames = new Map(states.map(({ name, value }) => [value, name]));
  return (buffer) => {
    const range = ranges.get(buffer);
    if (range) return { in: "arena", ...(allocations.get(range) as Allocation) };
    const value = buffer as Value;
    const state = stateNames.get(value);
    return {
      ...(state === undefined ? { in: "input", name: value.name } : { in: "state", name: state }),
      offset: 0,
      bytes: bytesOf(value),
    };
  };
}

interface PlaceOptions {
  readonly ranges: LiveRanges;
  readonly locate: (buffer: VirtualBuffer) => Operand;
  readonly spans: Spans;
  readonly maxBindingBytes: number;
}

/** The launch with an operand for each of its variables. Throws where one is larger than a binding may be. */
function place({ buffers, reader, ...draft }: Draft, { ranges, locate, spans, maxBindingBytes }: PlaceOptions): PlannedLaunch {
  const { node, launch, shader } = draft;
  const operandOf = (name: string, buffer: VirtualBuffer): Operand => {
    const ports = launch.spans?.[name];
    if (ports) return { in: "state", offset: 0, ...spans.range(reader ?? node, ports) };
    const whole = locate(buffer);
    const slice = launch.slices?.[name];
    const operand = slice
      ? { ...whole, offset: whole.offset + slice.first * BYTES_PER_ELEMENT, bytes: roundUp(slice.count * BYTES_PER_ELEMENT, 16) }
      : { ...whole, bytes: roundUp(ranges.get(buffer)?.bytes ?? whole.bytes, 16) };
    if (operand.bytes > maxBindingBytes) {
      throw new Error(
        `${node.op.name} "${node.label}": "${name}" needs a binding of ${operand.bytes} bytes, this adapter binds ${maxBindingBytes} at most, ` +
          `and this kernel (${shader.name}) cannot process it in slices: use a smaller batch or another --family`,
      );
    }
    return operand;
  };
  return { ...draft, operands: Object.fromEntries(Object.entries(buffers).map(([name, buffer]) => [name, operandOf(name, buffer)])) };
}
