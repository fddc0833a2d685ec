// The first half of planning: which launches each node of a graph becomes, and which buffer each of their variables is bound to. No bytes are placed yet.
import { overwrites, type Graph, type Node, type Value } from "../graph/graph.ts";
import { choose, type ChooseOptions, type Problem } from "../kernels/choose.ts";
import type { Family, Launch, Layout, Lowering, Tuning } from "../kernels/kernel.ts";
import { loadedKernels } from "../kernels/loaded.ts";
import { BYTES_PER_ELEMENT, roundUp, sizeOf } from "../tensor/shape.ts";
import type { Halves } from "./halves.ts";
import type { LinkedShader } from "./linker.ts";
import { packStates, type StateAllocation } from "./memory.ts";
import { schedule } from "./schedule.ts";
import { Spans, type Reader } from "./spans.ts";

/** A buffer before it has an address: the value that owns the memory, or the name of a node's scratch. */
export type VirtualBuffer = Value | string;

/** Links a launch's shader; `halves` are its variables that are stored in 16 bits. */
export type Link = (launch: Launch, halves?: readonly string[]) => LinkedShader;

/** A launch whose variables have virtual buffers, but no addresses. */
export interface Draft {
  readonly node: Node;
  readonly family: Family;
  readonly tuning?: Tuning;
  readonly launch: Launch;
  readonly shader: LinkedShader;
  /** By variable of the shader, all but `dims`. */
  readonly buffers: Readonly<Record<string, VirtualBuffer>>;
  /** What the ports of its spans belong to, if not to the node alone. */
  readonly reader?: Reader;
  /** All nodes that a joined launch works for; `node` is the last of them. */
  readonly nodes?: readonly Node[];
}

/** A scheduled node and its launches: none where its values already lie where they should. */
export interface LoweredNode {
  readonly node: Node;
  readonly drafts: readonly Draft[];
  /** Bytes of each buffer that lives for this node alone, or for all nodes that have it. */
  readonly scratch: ReadonlyMap<string, number>;
}

export interface Lowered {
  readonly nodes: readonly LoweredNode[];
  /** The value whose memory each value uses. */
  readonly buffers: ReadonlyMap<Value, Value>;
}

export interface LowerOptions extends Omit<ChooseOptions, "kernels"> {
  readonly link: Link;
}

/** Schedules a graph and lowers every node. */
export function lowerAll(graph: Graph, spans: Spans, { link, ...choosing }: LowerOptions): Lowered {
  const nodes = schedule(graph);
  const buffers = buffersOf(graph, nodes);
  const lowered = nodes.map((node, at): LoweredNode => {
    if (needsNoLaunch(node, graph)) return { node, drafts: [], scratch: new Map() };
    const { family, tuning, lowering } = choose(problemAt(node, graph, spans), { ...choosing, kernels: loadedKernels });
    const scratch = scratchOf(lowering, at);
    const drafts = lowering.launches.map((unfilled): Draft => {
      const launch = spans.fill(node, unfilled);
      const shader = link(launch);
      return { node, family, ...(tuning && { tuning }), launch, shader, buffers: bind(node, launch, shader, buffers, scratch) };
    });
    return { node, drafts, scratch: new Map(scratch.values()) };
  });
  return { nodes: lowered, buffers };
}

/** By port: the buffer's name and its bytes. */
const scratchOf = ({ scratch = {} }: Lowering, at: number): ReadonlyMap<string, readonly [name: string, bytes: number]> =>
  new Map(Object.entries(scratch).map(([port, elements]) => [port, [`${at}:${port}`, elements * BYTES_PER_ELEMENT]]));

/** The buffers of a launch's storage variables. */
function bind(
  node: Node,
  { bind: ports = {}, spans = {} }: Launch,
  shader: LinkedShader,
  buffers: ReadonlyMap<Value, Value>,
  scratch: ReturnType<typeof scratchOf>,
): Record<string, VirtualBuffer> {
  const bound: Record<string, VirtualBuffer> = {};
  for (const { name, access } of shader.bindings) {
    if (access === "uniform") continue;
    const port = ports[name] ?? spans[name]?.[0] ?? name;
    const value = node.inputs[port] ?? node.outputs[port];
    const buffer = value ? buffers.get(value) : scratch.get(port)?.[0];
    if (buffer === undefined)
      throw new Error(`internal: ${shader.name} binds "${name}", but ${node.op.name} "${node.label}" has no port or scratch "${port}"`);
    bound[name] = buffer;
  }
  return bound;
}

/**
 * Links shaders again so that values are stored in 16 bits where all launches that use them can; `unchanged` are stored as they are. Returns the values
 * that are packed.
 */
export function packHalves(
  { nodes, buffers }: Lowered,
  unchanged: ReadonlySet<Value>,
  { packable }: Halves,
  link: Link,
): Lowered & { readonly packed: ReadonlySet<VirtualBuffer> } {
  const packed = packableValues(
    nodes.flatMap(({ drafts }) => drafts),
    unchanged,
    packable,
  );
  const relink = (draft: Draft): Draft => {
    const halves = Object.keys(draft.buffers).filter((name) => packed.has(draft.buffers[name]));
    return halves.length > 0 ? { ...draft, shader: link(draft.launch, halves.toSorted()) } : draft;
  };
  return { nodes: nodes.map((lowered) => ({ ...lowered, drafts: lowered.drafts.map(relink) })), buffers, packed };
}

/** Values that every launch loads and stores by whole vectors. None is cut into slices, which begin at a byte. */
function packableValues(drafts: readonly Draft[], unchanged: ReadonlySet<Value>, packable: Halves["packable"]): Set<VirtualBuffer> {
  const packed = new Set<VirtualBuffer>();
  const refused = new Set<VirtualBuffer>();
  for (const { shader, launch, buffers } of drafts) {
    for (const [name, buffer] of Object.entries(buffers)) {
      if (typeof buffer === "string" || unchanged.has(buffer)) continue;
      const fits = buffer.dtype === "f32" && !launch.slices?.[name] && packable(shader.code, name);
      (fits ? packed : refused).add(buffer);
    }
  }
  for (const value of refused) packed.delete(value);
  return packed;
}

/** Bytes of a value, padded so that a vector of four may reach beyond its last element. */
export const bytesOf = (value: Value): number => roundUp(sizeOf(value.shape) * BYTES_PER_ELEMENT, 16);

/** What kernels are chosen for: the nodes of a graph that launch anything, with the layouts of their values. */
export function problemsOf(graph: Graph, maxBufferBytes = Infinity): Problem[] {
  const spans = new Spans(graph, defaultAllocations(graph, maxBufferBytes));
  return schedule(graph).flatMap((node) => (needsNoLaunch(node, graph) ? [] : [problemAt(node, graph, spans)]));
}

/** A graph's states, packed in its own order. */
export const defaultAllocations = ({ states }: Graph, maxBufferBytes: number): ReadonlyMap<string, StateAllocation> =>
  packStates(
    states.map(({ name, value }) => ({ name, bytes: bytesOf(value) })),
    maxBufferBytes,
  ).allocations;

/** Whether a node only renames memory: an alias, or a join or cut of values that lie inside one another. */
function needsNoLaunch({ op, inputs, outputs }: Node, { views }: Graph): boolean {
  const within = (parts: readonly Value[], wholes: readonly Value[]): boolean =>
    parts.length > 0 && parts.every((part) => wholes.includes(views.get(part)?.of as Value));
  const [read, written] = [Object.values(inputs), Object.values(outputs)];
  return op.alias === true || within(read, written) || within(written, read);
}

/** A node with the layouts of those of its values that lie inside others. */
function problemAt(node: Node, { views }: Graph, spans: Spans): Problem {
  const layouts: Record<string, Layout> = {};
  for (const [port, value] of Object.entries({ ...node.inputs, ...node.outputs })) {
    let [inner, first] = [value, 0];
    for (let view = views.get(inner); view; view = views.get(inner)) [inner, first] = [view.of, first + view.first];
    if (inner === value) continue;
    if (!node.op.strided?.includes(port))
      throw new Error(`internal: ${node.op.name} "${node.label}" takes ${port} dense, but it lies inside "${inner.name}"`);
    layouts[port] = { stride: inner.shape[inner.shape.length - 1], first };
  }
  if ("gate" in layouts && (layouts["gate"].stride !== layouts["dx"]?.stride || layouts["gate"].first !== layouts["dx"].first))
    throw new Error(`internal: ${node.op.name} "${node.label}": gate and dx lie apart`);
  const spanBytes = (ports: readonly string[]): number | null => spans.of(node, ports)?.bytes ?? null;
  return { node, spanBytes, ...(Object.keys(layouts).length > 0 && { layouts }) };
}

/** The value whose memory each value uses: its own, its alias's, what an in-place op overwrote, or the wider one that it is a view of. */
function buffersOf(graph: Graph, nodes: readonly Node[]): Map<Value, Value> {
  const buffers = new Map<Value, Value>();
  for (const value of externalValues(graph)) buffers.set(value, value);
  // Where parts are made before their whole, the whole has a buffer as soon as the first of them does.
  const bufferOf = (value: Value): Value => {
    const view = graph.views.get(value);
    return view ? bufferOf(view.of) : (buffers.get(value) ?? value);
  };
  for (const node of nodes) {
    const { op, inputs, outputs } = node;
    for (const value of Object.values(outputs)) buffers.set(value, bufferOf(value));
    for (const [input, output] of overwrites(node)) buffers.set(outputs[output], buffers.get(inputs[input]) as Value);
    if (op.alias) buffers.set(Object.values(outputs)[0], buffers.get(Object.values(inputs)[0]) as Value);
  }
  // A state that no node reads may be written by whatever makes its next value; otherwise that op must work in place.
  const read = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)));
  for (const { name, value, next } of graph.states) {
    if (!next || buffers.get(next) === value) continue;
    if (read.has(value) || buffers.get(next) !== next) {
      throw new Error(`internal: state "${name}" becomes "${next.name}", which is in another place: its op must work in place`);
    }
    for (const [other, buffer] of buffers) if (buffer === next) buffers.set(other, value);
  }
  return buffers;
}

/** Values with buffers of their own, outside the arenas: inputs and states. */
export const externalValues = ({ inputs, states }: Graph): Set<Value> => new Set([...inputs, ...states.map(({ value }) => value)]);
