// Which family runs a node, and with which tunables: what a tuning table says, else the first of an ordered list that accepts the problem. The
// textbook family accepts everything.
import type { Node } from "../graph/graph.ts";
import { formatShape } from "../tensor/shape.ts";
import {
  FAMILIES_OF_MATH,
  FAST_FAMILIES,
  NAMED_FAMILIES,
  type Family,
  type Kernel,
  type Layout,
  type Lowering,
  type MathMode,
  type Target,
  type Tuning,
} from "./kernel.ts";

export interface Choice {
  readonly family: Family;
  readonly tuning?: Tuning;
  readonly lowering: Lowering;
}

/** What a tuning table holds for a problem. */
export type Tuned = Pick<Choice, "family" | "tuning">;

export interface ChooseOptions {
  /** The registry of src/kernels/index.ts. */
  readonly kernels: Readonly<Record<string, Kernel>>;
  /** In order of preference. */
  readonly families: readonly Family[];
  readonly target: Target;
  /** What was found best for a problem, by `problemOf`. */
  readonly tuned?: (problem: string) => Tuned | undefined;
}

/** A node, and where those of its ports lie that are not dense. */
export interface Problem {
  readonly node: Node;
  readonly layouts?: Readonly<Record<string, Layout>>;
  readonly spanBytes?: (ports: readonly string[]) => number | null;
}

/** What suits an adapter, best first: shuffled register tiles on processors with subgroups, of their own kind for four lanes, workgroup memory elsewhere. */
export function familiesFor({ cpu, subgroupSize }: Target, math: MathMode = "exact"): Family[] {
  const shuffled: Family[] = subgroupSize === 4 ? ["quad", "subgroup"] : ["subgroup"];
  const exact: Family[] = cpu && subgroupSize > 0 ? [...shuffled, "vector", "workgroup", "textbook"] : ["workgroup", "vector", "textbook"];
  return [...FAMILIES_OF_MATH[math], ...exact];
}

/** Families that a session has only if it asks for them. */
const INEXACT: readonly Family[] = [...FAST_FAMILIES, ...NAMED_FAMILIES];

/** Lowers a node as the table says, or by the first of the families that accepts it. */
export function choose(problem: Problem, { kernels, families, target, tuned }: ChooseOptions): Choice {
  const found = tuned?.(problemOf(problem));
  // A table may have been made for more than this session allows.
  const allowed = found && (families.includes(found.family) || !INEXACT.includes(found.family));
  const pinned = allowed && lower(problem, found, kernels, target);
  if (pinned) return pinned;
  const poor = kernelOf(problem.node, kernels).poorFallbacks?.(target) ?? [];
  for (const family of [...families, "textbook" as const]) {
    if (family !== families[0] && poor.includes(family)) continue;
    const choice = lower(problem, { family }, kernels, target);
    if (choice) return choice;
  }
  throw new Error(`internal: the textbook kernel of ${problem.node.op.name} refused "${problem.node.label}"`);
}

/** One way to run a node; null where the family cannot, or knows no such tuning. */
function lower(problem: Problem, { family, tuning }: Tuned, kernels: Readonly<Record<string, Kernel>>, target: Target): Choice | null {
  const kernel = kernelOf(problem.node, kernels);
  const known = !tuning || tuningsOf(problem, family, kernel, target).some((candidate) => isSame(candidate, tuning));
  const lowering = known && kernel[family]?.(callOf(problem, target, tuning));
  return lowering ? { family, ...(tuning && { tuning }), lowering } : null;
}

const tuningsOf = (problem: Problem, family: Family, kernel: Kernel, target: Target): readonly Tuning[] =>
  kernel.tunings?.[family]?.(callOf(problem, target)) ?? [];

const isSame = (a: Tuning, b: Tuning): boolean =>
  Object.keys(a).length === Object.keys(b).length && Object.entries(a).every(([name, value]) => b[name] === value);

/** Whether a family can run well on an adapter: a GPU's compiler keeps the tiles of `subgroup` in memory, not in registers. */
const suits = (family: Family, { cpu }: Target): boolean => family !== "subgroup" || cpu;

/** Every way to run a node that suits the adapter, family by family: each family's own rule and its candidates for the tuner. */
export function candidates(
  problem: Problem,
  kernels: Readonly<Record<string, Kernel>>,
  families: readonly Family[],
  target: Target,
): Choice[] {
  const kernel = kernelOf(problem.node, kernels);
  return families
    .filter((family) => suits(family, target))
    .flatMap((family) =>
      [undefined, ...tuningsOf(problem, family, kernel, target)]
        .map((tuning) => lower(problem, { family, ...(tuning && { tuning }) }, kernels, target))
        .filter((choice) => choice !== null),
    );
}

/** What decides how fast a node runs, as a key: `conv2d x[4, 28, 28, 192] filter[1, 1, 1, 192, 64] stride=1 pad=0`. */
export function problemOf({ node: { op, inputs, outputs, attributes }, layouts }: Problem): string {
  const tensors = Object.entries({ ...inputs, ...outputs }).map(([port, { shape }]) => {
    const layout = layouts?.[port];
    return `${port}${formatShape(shape)}${layout ? `/${layout.stride}` : ""}`;
  });
  const named = Object.entries(attributes)
    .filter(([key, value]) => typeof value === "boolean" || ((typeof value === "number" || Array.isArray(value)) && !FACTORS.has(key)))
    .map(([key, value]) => `${key}=${String(value)}`);
  return [op.name, ...tensors, ...named].join(" ");
}

/** Attributes that only scale what is computed, for a kernel is as fast with any of them, and the shape, which the outputs have. */
const FACTORS = new Set(["shape", "momentum", "decay", "rateMultiplier", "biasDecay", "biasRateMultiplier", "scale", "weight", "stream"]);

function kernelOf({ op }: Node, kernels: Readonly<Record<string, Kernel>>): Kernel {
  const kernel = kernels[op.name];
  if (!kernel) throw new Error(`internal: op ${op.name} has no kernel`);
  return kernel;
}

const callOf = ({ node: { inputs, outputs, attributes, label }, layouts, spanBytes }: Problem, target: Target, tuning?: Tuning) => ({
  inputs,
  outputs,
  attributes,
  target,
  label,
  ...(layouts && { layouts }),
  ...(spanBytes && { spanBytes }),
  ...(tuning && { tuning }),
});
