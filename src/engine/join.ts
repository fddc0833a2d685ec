// Joins launches of successive nodes that only add the parts of split sums: a few large launches fill a GPU where many small ones do not.
import type { Node, Value } from "../graph/graph.ts";
import { areTwoRanges, joinedSteps, MOST_STEPS } from "../kernels/joined-steps.ts";
import { joinedSums, MOST_SUMS } from "../kernels/joined-sums.ts";
import type { Launch, Target } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT, roundUp } from "../tensor/shape.ts";
import type { Draft, Link, Lowered, LoweredNode, VirtualBuffer } from "./lowering.ts";
import type { Spans } from "./spans.ts";

/** Most bytes of parts that wait for a launch: they lie in memory meanwhile, and in a GPU's cache if they are few. */
const MOST_BYTES = 2 ** 26;

interface JoinOptions {
  readonly spans: Spans;
  readonly link: Link;
  readonly target: Target;
  /** Memory that is read after the step: a layer whose values are looked at keeps its own launches. */
  readonly outputs: ReadonlySet<Value>;
}

/** A node whose last launch may be joined with others. */
interface Member {
  readonly at: number;
  readonly lowered: LoweredNode;
  readonly last: Draft;
  /** Bytes of its parts. */
  readonly bytes: number;
}

/** Launches that can be joined, and how. */
interface Kind {
  readonly includes: (launch: Launch) => boolean;
  readonly fit: (group: readonly Member[], options: JoinOptions) => boolean;
  /** The group's launch. Parts of its members begin at `begins`, and ports are those of `readerOf`. */
  readonly launch: (group: readonly Member[], begins: readonly number[], target: Target) => Launch;
}

/** Steps of gradient descent, which change states alone. */
const STEPS: Kind = {
  includes: ({ steps }) => steps !== undefined,
  fit: (group, { spans, target }) => {
    const reader = readerOf(group);
    const portsOf = (of: "value" | "momenta"): string[] =>
      group.flatMap((member) => (member.last.launch.steps ?? []).map((step) => portOf(member, step[of])));
    return (
      isOne(group.map(({ lowered }) => lowered.node.inputs["rate"])) &&
      portsOf("value").length <= MOST_STEPS &&
      areTwoRanges((ports) => spans.of(reader, ports)?.bytes ?? null, { values: portsOf("value"), momenta: portsOf("momenta") }, target)
    );
  },
  launch: (group, begins, target) =>
    joinedSteps(
      group.flatMap((member, i) =>
        (member.last.launch.steps ?? []).map((step) => ({
          ...step,
          value: portOf(member, step.value),
          momenta: portOf(member, step.momenta),
          partialAt: step.partialAt + begins[i],
        })),
      ),
      target,
    ),
};

/** Sums of products, which are written into one tensor. */
const SUMS: Kind = {
  includes: ({ joins }) => joins === true,
  fit: (group, { spans, target }) => {
    const biases = group.flatMap((member) => (biasOf(member) === undefined ? [] : [biasOf(member) as string]));
    return (
      group.length <= MOST_SUMS &&
      isOne(group.map(({ last }) => JSON.stringify(last.launch.slots))) &&
      ["result", "gate"].every((name) => isOne(group.map(({ last }) => last.buffers[name]))) &&
      (biases.length === 0 || (spans.of(readerOf(group), biases)?.bytes ?? Infinity) <= target.maxBindingBytes)
    );
  },
  launch: (group, begins, target) =>
    joinedSums(
      group.map((member, i) => ({ launch: member.last.launch, partialAt: begins[i], bias: biasOf(member) ?? "" })),
      target,
    ),
};

const biasOf = (member: Member): string | undefined => (member.last.buffers["bias"] ? portOf(member, "bias") : undefined);
const isOne = (values: readonly unknown[]): boolean => new Set(values).size === 1;

/** The nodes, those of a group without their last launch; the last of the group has the launch that does the work of all. */
export const joinLaunches = (lowered: Lowered, options: JoinOptions): Lowered =>
  [STEPS, SUMS].reduce((before, kind) => joinKind(before, kind, options), lowered);

function joinKind({ nodes, buffers }: Lowered, kind: Kind, options: JoinOptions): Lowered {
  const joined = [...nodes];
  const memoryOf = (values: Node["inputs"]): Value[] => Object.values(values).map((value) => buffers.get(value) as Value);
  let group: Member[] = [];
  const close = (): void => {
    if (group.length > 1) for (const [at, lowered] of together(group, kind, buffers, options)) joined[at] = lowered;
    group = [];
  };
  nodes.forEach((lowered, at) => {
    // What the group writes must be there before anything reads it.
    const written = new Set(group.flatMap((member) => memoryOf(member.lowered.node.outputs)));
    if (memoryOf(lowered.node.inputs).some((buffer) => written.has(buffer))) close();
    const last = lowered.drafts[lowered.drafts.length - 1] as Draft | undefined;
    if (!last || !kind.includes(last.launch) || memoryOf(lowered.node.outputs).some((buffer) => options.outputs.has(buffer))) return;
    const member = { at, lowered, last, bytes: [...lowered.scratch.values()].reduce((sum, bytes) => sum + bytes, 0) };
    const bytes = [...group, member].reduce((sum, each) => sum + each.bytes, 0);
    if (bytes > Math.min(MOST_BYTES, options.target.maxBindingBytes) || !kind.fit([...group, member], options)) close();
    group.push(member);
  });
  close();
  return { nodes: joined, buffers };
}

/** The name of a member's port among those of the group. */
const portOf = ({ at }: Member, port: string): string => `${at} ${port}`;

/** What the ports of the group stand for. */
function readerOf(group: readonly Member[]): Node {
  const { node } = group[group.length - 1].lowered;
  const inputs = group.flatMap((member) => Object.entries(member.lowered.node.inputs).map(([port, value]) => [portOf(member, port), value]));
  return { ...node, inputs: Object.fromEntries(inputs) as Node["inputs"] };
}

/** The group's nodes, whose parts lie in memory that they share until the last of them. */
function together(
  group: readonly Member[],
  kind: Kind,
  buffers: Lowered["buffers"],
  { spans, link, target }: JoinOptions,
): [at: number, LoweredNode][] {
  const begins: number[] = [];
  let bytes = 0;
  for (const member of group) {
    begins.push(bytes / BYTES_PER_ELEMENT);
    bytes += roundUp(member.bytes, target.offsetAlignment);
  }
  const partial = `${group[0].at}:joined`;
  const reader = readerOf(group);
  const launch = spans.fill(reader, kind.launch(group, begins, target));
  const shader = link(launch);
  const { last } = group[group.length - 1];
  const bufferOf = (name: string): VirtualBuffer => {
    const span = launch.spans?.[name];
    return span ? (buffers.get(reader.inputs[span[0]]) as Value) : name === "partial" ? partial : last.buffers[name];
  };
  const variables = shader.bindings.filter(({ access }) => access !== "uniform").map(({ name }) => [name, bufferOf(name)]);
  const joined: Draft = {
    ...last,
    launch,
    shader,
    reader,
    nodes: group.map(({ lowered }) => lowered.node),
    buffers: Object.fromEntries(variables) as Draft["buffers"],
  };
  return group.map((member, i) => {
    const products = member.lowered.drafts.slice(0, -1).map((draft) => into(draft, partial, begins[i], member.bytes));
    const drafts = member.last === last ? [...products, joined] : products;
    return [member.at, { ...member.lowered, scratch: new Map([[partial, bytes]]), drafts }];
  });
}

/** A launch that makes parts, in memory of the group. */
const into = (draft: Draft, partial: string, first: number, bytes: number): Draft => ({
  ...draft,
  launch: { ...draft.launch, slices: { result: { first, count: bytes / BYTES_PER_ELEMENT } } },
  buffers: { ...draft.buffers, result: partial },
});
