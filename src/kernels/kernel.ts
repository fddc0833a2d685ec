// How an op is launched: pure data. A kernel turns a node's shapes and attributes into launches; the engine compiles and replays them.
import type { Op, Ports, TensorType } from "../graph/op.ts";
import { ceilDiv } from "../tensor/shape.ts";

/** What a lowering may rely on: the adapter's limits as granted to the device. */
export interface Target {
  /** Largest range that one binding may cover, bytes. Larger tensors are worked on in slices. */
  readonly maxBindingBytes: number;
  /** Alignment of the start of a binding, bytes. */
  readonly offsetAlignment: number;
  readonly maxWorkgroupsPerDimension: number;
  readonly maxInvocationsPerWorkgroup: number;
  readonly workgroupMemoryBytes: number;
  /** Lanes of every subgroup; 0 where the adapter has no subgroups or lets their size vary. */
  readonly subgroupSize: number;
  /** Matrices of f16 that a subgroup multiplies into f32, M x K by K x N. */
  readonly subgroupMatrix?: Readonly<Record<"M" | "N" | "K", number>>;
  /** The adapter is a processor: few cores, no cost for divergence, dear loads. */
  readonly cpu: boolean;
}

/**
 * Ways to run an op. `textbook` reads like the formula and exists for every op; `vector` does the same on four channels at once;
 * `workgroup` tiles through workgroup memory; `subgroup` keeps the tile in registers and shuffles; `quad` does so on four lanes; `winograd` multiplies less and errs more.
 */
export const FAMILIES = ["textbook", "vector", "workgroup", "subgroup", "quad", "winograd"] as const;
/** Families not yet measured: run only where named or with "half" math. `matrix` multiplies f16 on an adapter's matrix units. */
export const NAMED_FAMILIES = ["matrix"] as const;
export type Family = (typeof FAMILIES)[number] | (typeof NAMED_FAMILIES)[number];

/** Sums that a session permits: those of the definitions; others whose errors are bounded; or the definitions' with factors rounded to half floats. */
export const MATH_MODES = ["exact", "fast", "half"] as const;
export type MathMode = (typeof MATH_MODES)[number];

/** Families that compute other sums than the definitions say, with larger errors: only sessions with "fast" math have them. */
export const FAST_FAMILIES: readonly Family[] = ["winograd"];

/** What a math mode adds to the families of exact sums, best first. */
export const FAMILIES_OF_MATH: Readonly<Record<MathMode, readonly Family[]>> = { exact: [], fast: FAST_FAMILIES, half: NAMED_FAMILIES };

/** Part of a tensor, in elements from its start. */
export interface Slice {
  readonly first: number;
  readonly count: number;
}

export interface Launch {
  /** File in shaders/. Its storage variables are named after the ports (or scratch) they are bound to. */
  readonly shader: string;
  /** Regions of the shader replaced by a file of shaders/. */
  readonly slots?: Readonly<Record<string, string>>;
  /** Values of the shader's tunables. */
  readonly params?: Readonly<Record<string, number | string>>;
  /** Fields of the shader's `Dims`. */
  readonly dims: Readonly<Record<string, number>>;
  /** Ports by variable, where a variable is not bound to its own name. */
  readonly bind?: Readonly<Record<string, string>>;
  /**
   * Ports of states by variable, where one variable is bound to the range of memory that holds several states. For each the planner fills in a
   * field of `Dims`, the port's name and "At": its offset in elements from the variable's beginning.
   */
  readonly spans?: Readonly<Record<string, readonly string[]>>;
  /** Fields of `Dims` that get the places of spans' ports, with the ports, instead of those named after ports. The place is added to the field. */
  readonly places?: Readonly<Record<string, string>>;
  /** The steps of gradient descent that this launch takes and nothing else: src/engine/join.ts joins such launches of several nodes. */
  readonly steps?: readonly ParameterStep[];
  /** The launch adds the parts of a split sum and may be joined with others of its kind. */
  readonly joins?: boolean;
  /** Slices by variable, where a variable sees only part of what it is bound to. */
  readonly slices?: Readonly<Record<string, Slice>>;
  readonly workgroups: readonly [number, number, number];
  /** Work that the formula asks for: multiplications and additions, and bytes that must move. */
  readonly flops: number;
  readonly bytes: number;
}

/** A step of gradient descent of a parameter [rows, outputs], whose gradient is a sum that was split. All but `parts` is counted in elements. */
export interface ParameterStep {
  /** Ports of the parameter and of its momenta, and where both begin, as of a group of a filter. */
  readonly value: string;
  readonly momenta: string;
  readonly first: number;
  /** Where the gradient begins in scratch memory, how many parts it is the sum of, and how far it is from part to part and from row to row. */
  readonly partialAt: number;
  readonly parts: number;
  readonly size: number;
  readonly columns: number;
  readonly rows: number;
  readonly outputs: number;
  /** As the op sgd has them. */
  readonly momentum: number;
  readonly decay: number;
  readonly rateMultiplier: number;
}

export interface Lowering {
  readonly launches: readonly Launch[];
  /** Elements of memory that live for this node alone, by name. */
  readonly scratch?: Readonly<Record<string, number>>;
}

/** Where the channels of a port lie that is part of a wider tensor: elements from one pixel to the next, and the first element. */
export interface Layout {
  readonly stride: number;
  readonly first: number;
}

/** Values of a family's tunables that a table asks for, such as `{ ROWS: 32, COLUMNS: 2 }`. */
export type Tuning = Readonly<Record<string, number>>;

export interface Call<P, Q, A> {
  readonly inputs: Ports<P, TensorType>;
  readonly outputs: Ports<Q, TensorType>;
  readonly attributes: A;
  readonly target: Target;
  readonly label: string;
  /** Ports that lie inside a wider tensor; all others lie dense. Only ops that say so in `strided` are given any. */
  readonly layouts?: Readonly<Record<string, Layout>>;
  /** Bytes from the first of some states to the last, by their ports, where they lie in one buffer; null where they do not. */
  readonly spanBytes?: (ports: readonly string[]) => number | null;
  /** Absent: the family goes by its own rule. One that is not among the family's `tunings` is refused with null. */
  readonly tuning?: Tuning;
}

/** Null where the family cannot run this problem (say why in a comment): the chooser goes on to the next. */
export type Lower<P, Q, A> = (call: Call<P, Q, A>) => Lowering | null;

export interface Kernel<P = any, Q = any, A = any> {
  readonly textbook: (call: Call<P, Q, A>) => Lowering;
  readonly vector?: Lower<P, Q, A>;
  readonly workgroup?: Lower<P, Q, A>;
  readonly subgroup?: Lower<P, Q, A>;
  readonly quad?: Lower<P, Q, A>;
  readonly winograd?: Lower<P, Q, A>;
  readonly matrix?: Lower<P, Q, A>;
  /** Candidates for the tuner, for families that have a choice. The family's own rule is not among them: it is always tried. */
  readonly tunings?: { readonly [F in Family]?: (call: Call<P, Q, A>) => readonly Tuning[] };
  /** Families that are worse than the textbook for what the families before them refused. */
  readonly poorFallbacks?: (target: Target) => readonly Family[];
}

/** Gives a kernel the types of its op. */
export const kernel = <P, Q, A>(_op: Op<P, Q, A>, families: Kernel<P, Q, A>): Kernel<P, Q, A> => families;

/** A lowering of another op whose ports and scratch have other names here. */
export function bound({ launches, scratch }: Lowering, names: Readonly<Record<string, string>>): Lowering {
  return {
    launches: launches.map((launch) => {
      const bind = Object.fromEntries(Object.entries(launch.bind ?? {}).map(([variable, port]) => [variable, names[port] ?? port]));
      return { ...launch, bind: { ...names, ...bind } };
    }),
    ...(scratch && { scratch: Object.fromEntries(Object.entries(scratch).map(([name, elements]) => [names[name] ?? name, elements])) }),
  };
}

/** The launch's `Dims` where the ports of its spans lie as `placeOf` says: elements from the beginning of their span. */
export function withPlaces({ spans = {}, places, dims }: Launch, placeOf: (port: string, span: readonly string[]) => number): Record<string, number> {
  const placed: Record<string, number> = { ...dims };
  for (const span of Object.values(spans)) {
    const fields = places ? Object.entries(places).filter(([, port]) => span.includes(port)) : span.map((port) => [`${port}At`, port] as const);
    for (const [field, port] of fields) placed[field] = (places ? placed[field] : 0) + placeOf(port, span);
  }
  return placed;
}

/**
 * Workgroups for a list of `invocations`, folded into two dimensions where one is too short. The shader unfolds them:
 * `let i = invocation.y * groups.x * WORKGROUP + invocation.x;`
 */
export function flat(invocations: number, workgroup: number, target: Target): [number, number, number] {
  const groups = ceilDiv(invocations, workgroup);
  const rows = ceilDiv(groups, target.maxWorkgroupsPerDimension);
  return [ceilDiv(groups, rows), rows, 1];
}
