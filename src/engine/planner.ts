// Turns a graph into a flat plan: which kernels run in which order, and where every value lies. Needs no GPU: a plan can be made, printed
// and checked for an adapter that is not here.
import { overwrites, type Graph, type Node, type Value } from "../graph/graph.ts";
import { verifyGraph } from "../graph/verify.ts";
import { choose, type ChooseOptions, type Problem } from "../kernels/choose.ts";
import { kernels } from "../kernels/index.ts";
import type { Family, Launch, Layout, Tuning } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT, roundUp, sizeOf } from "../tensor/shape.ts";
import type { Halves } from "./halves.ts";
import type { LinkedShader } from "./linker.ts";
import { ALIGNMENT, layOut, packStates, type Place, type StatePlace, type Tenant } from "./memory.ts";
import { schedule } from "./schedule.ts";
import { Spans } from "./spans.ts";

/** What a variable of a launch is bound to. Inputs and states have buffers of their own; everything else lies in an arena. */
export type Operand = ({ readonly in: "arena"; readonly arena: number } | { readonly in: "input" | "state"; readonly name: string }) & {
  /** Within the arena, or from the start of the input or state. */
  readonly offset: number;
  readonly bytes: number;
};

export interface PlannedLaunch {
  readonly node: Node;
  readonly family: Family;
  readonly tuning?: Tuning;
  readonly launch: Launch;
  readonly shader: LinkedShader;
  /** By variable of the shader, all but `dims`. */
  readonly operands: Readonly<Record<string, Operand>>;
}

export interface Plan {
  readonly graph: Graph;
  readonly launches: readonly PlannedLaunch[];
  readonly arenas: readonly number[];
  /** Where an output of the graph lies after a step. */
  readonly outputs: ReadonlyMap<string, Operand>;
  /** GPU memory of the whole step in bytes: inputs, states, arenas. */
  readonly peakBytes: number;
  /** What no plan could do without: inputs, states, and the largest sum of values that live at once. */
  readonly boundBytes: number;
}

export interface PlanOptions extends Omit<ChooseOptions, "kernels"> {
  /** Where the states lie; default: packed in the graph's order. */
  readonly statePlaces?: ReadonlyMap<string, StatePlace>;
  readonly maxBufferBytes: number;
  /** Stores values in 16 bits where it can. */
  readonly halves?: Halves;
  /** The launch's shader; `halves` are those of its variables that are stored in 16 bits. */
  readonly link: (launch: Launch, halves?: readonly string[]) => LinkedShader;
}

/**
 * Of values that live between two kernels of one step. "f16": two half floats in a word, wherever all kernels that touch a value load and store whole vectors
 * of it; sums stay f32.
 */
export const STORAGES = ["f32", "f16"] as const;
export type Storage = (typeof STORAGES)[number];

export function plan(graph: Graph, { maxBufferBytes, halves: storage, link, statePlaces, ...choosing }: PlanOptions): Plan {
  const { target } = choosing;
  const spans = new Spans(graph, statePlaces ?? placesOf(graph, maxBufferBytes));
  verifyGraph(graph);
  const nodes = schedule(graph);
  const homes = homesOf(graph, nodes);

  // Launch by launch: which variables are read and written. Tenants are values, and scratch that lives for one node.
  const tenants = new Map<Value | string, { bytes: number; from: number; to: number }>();
  const touch = (home: Value | string, bytes: number, at: number): void => {
    const tenant = tenants.get(home);
    if (tenant) tenant.to = at;
    else tenants.set(home, { bytes, from: at, to: at });
  };
  const fixed = new Set<Value>([...graph.inputs, ...graph.states.map(({ value }) => value)]);
  const drafts: Draft[] = [];
  nodes.forEach((node, at) => {
    for (const value of [...Object.values(node.inputs), ...Object.values(node.outputs)]) {
      const home = homes.get(value) as Value;
      if (!fixed.has(home)) touch(home, bytesOf(home), at);
    }
    if (node.op.alias || isPlaced(node, graph)) return;
    const { family, tuning, lowering } = choose(problemAt(node, graph, spans), { ...choosing, kernels });
    const scratch = Object.entries(lowering.scratch ?? {});
    for (const [name, elements] of scratch) touch(`${at}:${name}`, elements * BYTES_PER_ELEMENT, at);
    for (const lowered of lowering.launches) {
      const launch = spans.fill(node, lowered);
      const shader = link(launch);
      const found: Record<string, Value | string> = {};
      for (const { name, access } of shader.bindings) {
        if (access === "uniform") continue;
        const port = launch.bind?.[name] ?? launch.spans?.[name]?.[0] ?? name;
        const value = node.inputs[port] ?? node.outputs[port];
        if (value) found[name] = homes.get(value) as Value;
        else if (scratch.some(([known]) => known === port)) found[name] = `${at}:${port}`;
        else
          throw new Error(`internal: ${shader.name} binds "${name}", but ${node.op.name} "${node.label}" has no port or scratch "${port}"`);
      }
      drafts.push({ node, family, ...(tuning && { tuning }), launch, shader, homes: found });
    }
  });
  for (const value of graph.outputs.values()) {
    const home = homes.get(value) as Value;
    if (!fixed.has(home)) touch(home, bytesOf(home), nodes.length);
  }
  if (storage) {
    const halved = inHalves(storage, drafts, new Set([...fixed, ...[...graph.outputs.values()].map((value) => homes.get(value) as Value)]));
    for (const home of halved) (tenants.get(home) as { bytes: number }).bytes = roundUp(bytesOf(home) / 2, 16);
    for (const draft of drafts) {
      const halves = Object.keys(draft.homes).filter((name) => halved.has(draft.homes[name] as Value));
      if (halves.length > 0) draft.shader = link(draft.launch, halves.toSorted());
    }
  }

  const named = new Map<Value | string, Tenant>();
  for (const [home, { bytes, from, to }] of tenants)
    named.set(home, { name: typeof home === "string" ? home : home.name, bytes, from, to });
  const layout = layOut([...named.values()], rivals(drafts, named), maxBufferBytes);

  const stateNames = new Map(graph.states.map(({ name, value }) => [value, name]));
  const operand = (home: Value | string): Operand => {
    const tenant = named.get(home);
    if (tenant) {
      const { arena, offset, bytes } = layout.places.get(tenant) as Place;
      return { in: "arena", arena, offset, bytes };
    }
    const value = home as Value;
    const state = stateNames.get(value);
    return state === undefined
      ? { in: "input", name: value.name, offset: 0, bytes: bytesOf(value) }
      : { in: "state", name: state, offset: 0, bytes: bytesOf(value) };
  };
  const launches = drafts.map(({ homes, ...draft }) => ({
    ...draft,
    operands: Object.fromEntries(
      Object.entries(homes).map(([name, home]) => {
        const span = draft.launch.spans?.[name];
        if (span) return [name, { in: "state", offset: 0, ...spans.stretch(draft.node, span) }];
        const whole = operand(home);
        const window = draft.launch.windows?.[name];
        const part = window
          ? { ...whole, offset: whole.offset + window.first * BYTES_PER_ELEMENT, bytes: roundUp(window.count * BYTES_PER_ELEMENT, 16) }
          : { ...whole, bytes: Math.min(whole.bytes, roundUp(named.get(home)?.bytes ?? bytesOf(home as Value), 16)) };
        if (part.bytes > target.maxBindingBytes) {
          throw new Error(
            `${draft.node.op.name} "${draft.node.label}": "${name}" needs a binding of ${part.bytes} bytes, this adapter binds ${target.maxBindingBytes} at most, ` +
              `and this kernel (${draft.shader.name}) cannot work on it in windows: use a smaller batch or another --kernels family`,
          );
        }
        return [name, part];
      }),
    ),
  }));

  const outside = [...fixed].reduce((sum, value) => sum + roundUp(bytesOf(value), ALIGNMENT), 0);
  return {
    graph,
    launches,
    arenas: layout.arenas,
    outputs: new Map([...graph.outputs].map(([name, value]) => [name, operand(homes.get(value) as Value)])),
    peakBytes: outside + layout.arenas.reduce((sum, bytes) => sum + bytes, 0),
    boundBytes: outside + layout.boundBytes,
  };
}

/** Bytes of a value, padded so that a vector of four may reach beyond its last element. */
export const bytesOf = (value: Value): number => roundUp(sizeOf(value.shape) * BYTES_PER_ELEMENT, 16);

/** What kernels are chosen for: the nodes of a graph that launch anything, with the layouts of their values. */
export function problemsOf(graph: Graph, maxBufferBytes = Infinity): Problem[] {
  const spans = new Spans(graph, placesOf(graph, maxBufferBytes));
  return schedule(graph).flatMap((node) => (node.op.alias || isPlaced(node, graph) ? [] : [problemAt(node, graph, spans)]));
}

/** Where a graph's states lie if nobody says otherwise. */
const placesOf = ({ states }: Graph, maxBufferBytes: number): ReadonlyMap<string, StatePlace> =>
  packStates(
    states.map(({ name, value }) => ({ name, bytes: bytesOf(value) })),
    maxBufferBytes,
  ).places;

/** A node that only joins or cuts, of values that lie inside one another: nothing is left to do. */
function isPlaced({ inputs, outputs }: Node, { views }: Graph): boolean {
  const within = (parts: readonly Value[], wholes: readonly Value[]): boolean =>
    parts.length > 0 && parts.every((part) => wholes.includes(views.get(part)?.of as Value));
  return within(Object.values(inputs), Object.values(outputs)) || within(Object.values(outputs), Object.values(inputs));
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

/** The value whose memory a value lies in: its own, its alias's, what an in-place op overwrote, or the wider one that it is a view of. */
function homesOf(graph: Graph, nodes: readonly Node[]): Map<Value, Value> {
  const homes = new Map<Value, Value>();
  for (const value of [...graph.inputs, ...graph.states.map(({ value }) => value)]) homes.set(value, value);
  // Where parts are made before their whole, the whole has a home as soon as the first of them does.
  const home = (value: Value): Value => {
    const view = graph.views.get(value);
    return view ? home(view.of) : (homes.get(value) ?? value);
  };
  for (const node of nodes) {
    const { op, inputs, outputs } = node;
    for (const value of Object.values(outputs)) homes.set(value, home(value));
    for (const [input, output] of overwrites(node)) homes.set(outputs[output], homes.get(inputs[input]) as Value);
    if (op.alias) homes.set(Object.values(outputs)[0], homes.get(Object.values(inputs)[0]) as Value);
  }
  // A state that nobody reads may be written by whatever makes its next value; otherwise that op must work in place.
  const read = new Set(nodes.flatMap(({ inputs }) => Object.values(inputs)));
  for (const { name, value, next } of graph.states) {
    if (!next || homes.get(next) === value) continue;
    if (read.has(value) || homes.get(next) !== next) {
      throw new Error(`internal: state "${name}" becomes "${next.name}", which lies elsewhere: its op must work in place`);
    }
    for (const [other, home] of homes) if (home === next) homes.set(other, value);
  }
  return homes;
}

/** A launch whose operands have homes, but no places yet. */
type Draft = Omit<PlannedLaunch, "operands" | "shader"> & {
  shader: LinkedShader;
  readonly homes: Readonly<Record<string, Value | string>>;
};

/** Values that can be stored in 16 bits: whatever touches them does so by whole vectors, and none is cut into windows, which begin at a byte. */
function inHalves({ packable }: Halves, drafts: readonly Draft[], fixed: ReadonlySet<Value>): Set<Value> {
  const halved = new Set<Value>();
  const whole = new Set<Value>();
  for (const { shader, launch, homes } of drafts) {
    for (const [name, home] of Object.entries(homes)) {
      if (typeof home === "string" || fixed.has(home)) continue;
      const fits = home.dtype === "f32" && !launch.windows?.[name] && packable(shader.code, name);
      (fits ? halved : whole).add(home);
    }
  }
  for (const value of whole) halved.delete(value);
  return halved;
}

/** Tenants that one launch reads and writes, pair by pair: they may share no arena. */
function rivals(drafts: readonly Draft[], named: ReadonlyMap<Value | string, Tenant>): Map<Tenant, Set<Tenant>> {
  const apart = new Map<Tenant, Set<Tenant>>();
  const separate = (a: Tenant, b: Tenant): void => {
    const known = apart.get(a);
    if (known) known.add(b);
    else apart.set(a, new Set([b]));
  };
  for (const { shader, homes } of drafts) {
    const touched = shader.bindings.filter(({ access }) => access !== "uniform");
    for (const read of touched.filter(({ access }) => access === "read")) {
      for (const written of touched.filter(({ access }) => access === "read_write")) {
        if (homes[read.name] === homes[written.name]) {
          throw new Error(`internal: ${shader.name} reads "${read.name}" and writes "${written.name}", which are the same memory`);
        }
        const a = named.get(homes[read.name]);
        const b = named.get(homes[written.name]);
        if (a && b) {
          separate(a, b);
          separate(b, a);
        }
      }
    }
  }
  return apart;
}
