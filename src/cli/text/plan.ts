// A plan as text: every launch in order with its operands' addresses, and the memory of the step; or its distinct shaders. Sizes are bytes.
import type { Operand, Plan, PlannedLaunch } from "../../engine/planner.ts";
import { table } from "../output.ts";

/** One line per launch, then the passes that ran and the memory. */
export function formatPlan({ launches, arenas, peakBytes, boundBytes }: Plan, passes: readonly string[]): string {
  const rows = launches.map(({ node, family, shader, launch, operands }, i) => [
    String(i),
    node.label,
    node.op.name,
    family,
    shader.name,
    launch.workgroups.join(" x "),
    Object.entries(operands)
      .map(([name, operand]) => `${name} = ${formatOperand(operand, launch.slices?.[name] !== undefined)}`)
      .join(", "),
  ]);
  return [
    table(rows, ["#", "layer", "op", "family", "kernel", "workgroups", "operands: arena + offset, bytes"]),
    "",
    table([
      ["passes", passes.join(", ") || "none"],
      ["launches", String(launches.length)],
      ["arenas", arenas.map((size, i) => `${i}: ${formatBytes(size)}`).join(", ") || "none"],
      ["peak", formatBytes(peakBytes)],
      ["lower bound", formatBytes(boundBytes)],
      ["ratio", (peakBytes / boundBytes).toFixed(3)],
    ]),
  ].join("\n");
}

/** "arena 1 + 65536, 279936", "state fc6/weight, 151011328", and for part of a tensor "state fc6/weight + 33554432, 117456896 (slice)". */
function formatOperand(operand: Operand, slice: boolean): string {
  const where = operand.in === "arena" ? `arena ${operand.arena} + ${operand.offset}` : `${operand.in} ${operand.name}`;
  const from = operand.in !== "arena" && operand.offset > 0 ? ` + ${operand.offset}` : "";
  return `${where}${from}, ${operand.bytes}${slice ? " (slice)" : ""}`;
}

export function planJson({ launches, arenas, outputs, peakBytes, boundBytes }: Plan): object {
  return {
    launches: launches.map(({ node, family, shader, launch, operands }) => ({
      layer: node.label,
      op: node.op.name,
      family,
      kernel: shader.name,
      workgroups: launch.workgroups,
      slices: launch.slices ?? {},
      operands,
      flops: launch.flops,
      bytes: launch.bytes,
    })),
    arenas,
    outputs: Object.fromEntries(outputs),
    peakBytes,
    boundBytes,
    ratio: peakBytes / boundBytes,
  };
}

export interface KernelUse {
  readonly kernel: string;
  readonly ops: readonly string[];
  readonly families: readonly string[];
  readonly launches: number;
  /** Work of all its launches in one step, in 10^9 multiplications and additions. */
  readonly gigaflops: number;
}

/** The distinct shaders of a plan in the order of their first launch. */
export function kernelUses({ launches }: Plan): KernelUse[] {
  return distinct(launches, ({ shader }) => shader.name).map((kernel) => {
    const uses = launches.filter(({ shader }) => shader.name === kernel);
    return {
      kernel,
      ops: distinct(uses, ({ node }) => node.op.name),
      families: distinct(uses, ({ family }) => family),
      launches: uses.length,
      gigaflops: uses.reduce((sum, { launch }) => sum + launch.flops, 0) / 1e9,
    };
  });
}

const distinct = (uses: readonly PlannedLaunch[], of: (use: PlannedLaunch) => string): string[] => [...new Set(uses.map(of))];

export function formatKernels(uses: readonly KernelUse[]): string {
  const rows = uses.map(({ kernel, ops, families, launches, gigaflops }) => [
    kernel,
    ops.join(", "),
    families.join(", "),
    String(launches),
    gigaflops.toFixed(3),
  ]);
  const launches = uses.reduce((sum, use) => sum + use.launches, 0);
  return table(
    [...rows, [`${uses.length} kernels`, "", "", String(launches), uses.reduce((sum, use) => sum + use.gigaflops, 0).toFixed(3)]],
    ["kernel", "ops", "family", "launches", "GFLOP"],
  );
}

const formatBytes = (bytes: number): string => `${bytes.toLocaleString("en-US")} B (${(bytes / 2 ** 20).toFixed(1)} MiB)`;
