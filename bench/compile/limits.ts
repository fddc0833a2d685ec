// What the compiled kernels and the planned steps are held to: goals, and today's limits where a goal is not reached yet.
import type { KernelUse } from "./kernel-uses.ts";
import type { Gpu } from "./layer.ts";
import { isProduct, phaseOf, type Phase, type SmallProduct } from "./step-report.ts";

/** GPUs that the kernels are checked for: RDNA 3, RDNA 2, GCN. */
export const CHECKED_GPUS = ["navi31", "navi21", "vega10"] as const satisfies readonly Gpu[];
export type CheckedGpu = (typeof CHECKED_GPUS)[number];

/** The loop that sums a product's products. */
export interface LoopLimit {
  readonly blocks: number;
  readonly instructions: number;
  readonly exposedWaits: number;
}

/** A loop without branches that loads while it multiplies. GCN keeps the loop over workgroup memory, and sinks the loads below it. */
const LOOP_GOALS: Readonly<Record<CheckedGpu, Omit<LoopLimit, "instructions">>> = {
  navi31: { blocks: 1, exposedWaits: 0 },
  navi21: { blocks: 1, exposedWaits: 1 },
  vega10: { blocks: 2, exposedWaits: 1 },
};

/** Instructions of a tiled loop with 512 multiply-adds. */
const INSTRUCTIONS_GOAL = 680;

/** The goals of a kind of loop. Other loops than those of 8 x 8 x 8 have no goal for their instructions. */
export const loopGoals = (gpu: CheckedGpu, kind: string): LoopLimit => ({
  ...LOOP_GOALS[gpu],
  instructions: kind.endsWith(" 8 x 8 x 8") ? INSTRUCTIONS_GOAL : 0,
});

/** By `loopOf`. A limit is lowered with the kernel: the checks fail where one is more than a tenth too high. */
export const LOOP_LIMITS: Readonly<Record<CheckedGpu, Readonly<Record<string, LoopLimit>>>> = {
  navi31: {
    "gemm-skinny data 4 rows": { blocks: 2, instructions: 136, exposedWaits: 1 },
    "gemm-skinny forward 4 rows": { blocks: 2, instructions: 136, exposedWaits: 1 },
    "gemm-workgroup data 4 x 4 x 16": { blocks: 1, instructions: 455, exposedWaits: 0 },
    "gemm-workgroup data 8 x 8 x 8": { blocks: 1, instructions: 745, exposedWaits: 0 },
    "gemm-workgroup filter 4 x 4 x 16": { blocks: 1, instructions: 456, exposedWaits: 0 },
    "gemm-workgroup filter 8 x 8 x 8": { blocks: 1, instructions: 739, exposedWaits: 0 },
    "gemm-workgroup forward 4 x 4 x 16": { blocks: 1, instructions: 437, exposedWaits: 0 },
    "gemm-workgroup forward 8 x 8 x 8": { blocks: 1, instructions: 731, exposedWaits: 0 },
  },
  navi21: {
    "gemm-skinny data 4 rows": { blocks: 2, instructions: 127, exposedWaits: 1 },
    "gemm-skinny forward 4 rows": { blocks: 2, instructions: 127, exposedWaits: 1 },
    "gemm-workgroup data 4 x 4 x 16": { blocks: 1, instructions: 458, exposedWaits: 1 },
    "gemm-workgroup data 8 x 8 x 8": { blocks: 1, instructions: 707, exposedWaits: 1 },
    "gemm-workgroup filter 4 x 4 x 16": { blocks: 1, instructions: 462, exposedWaits: 1 },
    "gemm-workgroup filter 8 x 8 x 8": { blocks: 1, instructions: 723, exposedWaits: 1 },
    "gemm-workgroup forward 4 x 4 x 16": { blocks: 1, instructions: 448, exposedWaits: 1 },
    "gemm-workgroup forward 8 x 8 x 8": { blocks: 1, instructions: 703, exposedWaits: 1 },
  },
  vega10: {
    "gemm-skinny data 4 rows": { blocks: 2, instructions: 144, exposedWaits: 1 },
    "gemm-skinny forward 4 rows": { blocks: 2, instructions: 144, exposedWaits: 1 },
    "gemm-workgroup data 4 x 4 x 16": { blocks: 2, instructions: 458, exposedWaits: 1 },
    "gemm-workgroup data 8 x 8 x 8": { blocks: 3, instructions: 799, exposedWaits: 1 },
    "gemm-workgroup filter 4 x 4 x 16": { blocks: 2, instructions: 478, exposedWaits: 1 },
    "gemm-workgroup filter 8 x 8 x 8": { blocks: 4, instructions: 858, exposedWaits: 1 },
    "gemm-workgroup forward 4 x 4 x 16": { blocks: 2, instructions: 470, exposedWaits: 1 },
    "gemm-workgroup forward 8 x 8 x 8": { blocks: 4, instructions: 820, exposedWaits: 1 },
  },
};

/** The kind of loop that a product's kernel has: `gemm-workgroup forward 8 x 8 x 8`; null for other kernels. */
export function loopOf({ kernel, shader, loop }: Pick<KernelUse, "kernel" | "shader" | "loop">): string | null {
  if (!isProduct({ shader }) || !loop) return null;
  const param = (name: string): string | undefined => new RegExp(`\\b${name}=(\\d+)`).exec(kernel)?.[1];
  const [micro, depth, rows] = ["MICRO", "DEPTH", "ROWS"].map(param);
  const tile = micro && depth ? `${micro} x ${micro} x ${depth}` : `${rows} rows`;
  return `${kernel.split(" ")[0]} ${phaseOf({ kernel })} ${tile}`;
}

/** The worst of several loops. */
export const worstOf = (loops: readonly LoopLimit[]): LoopLimit => ({
  blocks: Math.max(...loops.map(({ blocks }) => blocks)),
  instructions: Math.max(...loops.map(({ instructions }) => instructions)),
  exposedWaits: Math.max(...loops.map(({ exposedWaits }) => exposedWaits)),
});

export interface StepLimit {
  /** By batch. */
  readonly launches: Readonly<Record<string, number>>;
  /** Computed over asked work. */
  readonly computed: Readonly<Record<Phase, number>>;
  /** Products with few workgroups whose sums could be split further, by batch. */
  readonly splittable: Readonly<Record<string, number>>;
}

export const STEP_GOALS = { launches: { alexnet: 60, googlenet: 215 }, computed: 1.06, splittable: 0 } as const;

/** Limits of training steps, at batch 4, 32 and 128. */
export const STEP_LIMITS: Readonly<Record<keyof (typeof STEP_GOALS)["launches"], StepLimit>> = {
  // Two of AlexNet's groups have 48 channels, and a tile of 16 columns takes more instructions than it saves.
  alexnet: {
    launches: { 4: 46, 32: 41, 128: 39 },
    computed: { forward: 1.07, data: 1.17, filter: 1.06 },
    splittable: { 4: 0, 32: 0, 128: 0 },
  },
  googlenet: {
    launches: { 4: 215, 32: 203, 128: 199 },
    computed: { forward: 1.06, data: 1.08, filter: 1.08 },
    splittable: { 4: 0, 32: 0, 128: 0 },
  },
};

/** Fewest elements of a sum that are worth a workgroup of their own. */
const SHORTEST_PART = 128;

export const isSplittable = ({ depth }: SmallProduct): boolean => depth >= 2 * SHORTEST_PART;

/** Whether a limit is the goal or close to what is measured. */
export const isTight = (limit: number, measured: number, goal: number): boolean => limit <= Math.max(goal, 1.1 * measured);
