// Joins steps of gradient descent of successive nodes: each takes a launch of its own to add the parts of a split sum, and a few large launches fill a GPU
// where many small ones do not.
import type { Node, Value } from "../graph/graph.ts";
import { areTwoRanges, joinedSteps, MOST_STEPS } from "../kernels/joined-steps.ts";
import type { ParameterStep, Target } from "../kernels/kernel.ts";
import { BYTES_PER_ELEMENT, roundUp } from "../tensor/shape.ts";
import type { Draft, Link, Lowered, LoweredNode } from "./lowering.ts";
import type { Spans } from "./spans.ts";

/** Most bytes of parts that wait for a launch: they lie in memory meanwhile, and in a GPU's cache if they are few. */
const MOST_BYTES = 2 ** 26;

interface JoinOptions {
  readonly spans: Spans;
  readonly link: Link;
  readonly target: Target;
}

/** A node whose last launch only takes steps. */
interface Member {
  readonly at: number;
  readonly lowered: LoweredNode;
  readonly steps: readonly ParameterStep[];
  readonly bytes: number;
}

/** The nodes, those of a group without their last launch; the last of the group has the launch that takes all its steps. */
export function joinSteps({ nodes, buffers }: Lowered, options: JoinOptions): Lowered {
  const joined = [...nodes];
  let group: Member[] = [];
  const close = (): void => {
    if (group.length > 1) for (const [at, lowered] of together(group, buffers, options)) joined[at] = lowered;
    group = [];
  };
  nodes.forEach((lowered, at) => {
    // A step must be taken before anything reads what it makes.
    const made = new Set(group.flatMap((member) => Object.values(member.lowered.node.outputs)));
    if (Object.values(lowered.node.inputs).some((value) => made.has(value))) close();
    const steps = lowered.drafts[lowered.drafts.length - 1]?.launch.steps;
    if (!steps) return;
    const member = { at, lowered, steps, bytes: [...lowered.scratch.values()].reduce((sum, bytes) => sum + bytes, 0) };
    if (!fits([...group, member], options)) close();
    group.push(member);
  });
  close();
  return { nodes: joined, buffers };
}

function fits(group: readonly Member[], { spans, target }: JoinOptions): boolean {
  const bytes = group.reduce((sum, member) => sum + member.bytes, 0);
  const reader = readerOf(group);
  return (
    new Set(group.map(({ lowered }) => lowered.node.inputs["rate"])).size === 1 &&
    group.reduce((sum, { steps }) => sum + steps.length, 0) <= MOST_STEPS &&
    bytes <= Math.min(MOST_BYTES, target.maxBindingBytes) &&
    areTwoRanges((ports) => spans.of(reader, ports)?.bytes ?? null, { values: portsOf(group, "value"), momenta: portsOf(group, "momenta") }, target)
  );
}

/** A port of a member as one of the group. */
const portOf = ({ at }: Member, port: string): string => `${at} ${port}`;
const portsOf = (group: readonly Member[], of: "value" | "momenta"): string[] =>
  group.flatMap((member) => member.steps.map((step) => portOf(member, step[of])));

/** What the ports of the group stand for. */
function readerOf(group: readonly Member[]): Node {
  const { node } = group[group.length - 1].lowered;
  const inputs = group.flatMap((member) => Object.entries(member.lowered.node.inputs).map(([port, value]) => [portOf(member, port), value]));
  return { ...node, inputs: Object.fromEntries(inputs) as Node["inputs"] };
}

function together(group: readonly Member[], buffers: Lowered["buffers"], { spans, link, target }: JoinOptions): [at: number, LoweredNode][] {
  const last = group[group.length - 1];
  const partial = `${group[0].at}:joined`;
  const begins = group.map((_, i) => group.slice(0, i).reduce((sum, { bytes }) => sum + roundUp(bytes, target.offsetAlignment), 0));
  const scratch = new Map([[partial, begins[group.length - 1] + last.bytes]]);

  const reader = readerOf(group);
  const steps = group.flatMap((member, i) =>
    member.steps.map((step) => ({
      ...step,
      value: portOf(member, step.value),
      momenta: portOf(member, step.momenta),
      partialAt: step.partialAt + begins[i] / BYTES_PER_ELEMENT,
    })),
  );
  const launch = spans.fill(reader, joinedSteps(steps, target));
  const [{ value, momenta }] = steps;
  const { node, drafts } = last.lowered;
  const step: Draft = {
    ...drafts[drafts.length - 1],
    launch,
    shader: link(launch),
    reader,
    buffers: {
      partial,
      values: buffers.get(reader.inputs[value]) as Value,
      momenta: buffers.get(reader.inputs[momenta]) as Value,
      rate: buffers.get(node.inputs["rate"]) as Value,
    },
  };
  return group.map((member, i) => {
    const products = member.lowered.drafts.slice(0, -1).map((draft) => into(draft, partial, begins[i], member.bytes));
    return [member.at, { ...member.lowered, scratch, drafts: member === last ? [...products, step] : products }];
  });
}

/** A launch whose result are parts, which lie in memory of the group. */
const into = (draft: Draft, partial: string, begin: number, bytes: number): Draft => ({
  ...draft,
  launch: { ...draft.launch, slices: { result: { first: begin / BYTES_PER_ELEMENT, count: bytes / BYTES_PER_ELEMENT } } },
  buffers: { ...draft.buffers, result: partial },
});
