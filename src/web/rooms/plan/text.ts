// Texts of Plan.
import type { KernelFamily } from "striatum";
import type { PlanPass } from "striatum/inspect";

export const TEXT = {
  waiting: "Opening the network",
  title: "A scoring pass of one picture",
  summary: (launches: number, flops: string, bytes: string): string => `${launches} launches, ${flops}, ${bytes} moved at least.`,
  timeLine: "Launches in order",
  byTime: (pass: string): string => `Width is time, measured on this device: ${pass} a pass.`,
  byWork: "Not timed: width is arithmetic in the upper row and bytes in the lower one.",
  noTimestamps: (pass: string): string =>
    `This device has no timestamps of single launches: width is arithmetic in the upper row and bytes in the lower one. By the clock a pass takes ${pass}.`,
  run: "Run and time it",
  running: "Running",
  lanes: { time: "time", flops: "arithmetic", bytes: "bytes" },
  memory: "Memory",
  memorySummary: (arenas: number, bytes: string, peak: string, bound: string): string =>
    `${arenas} arenas of ${bytes} in all: values that are not needed at the same time share a place. The pass takes ${peak} with its parameters; no plan could take less than ${bound}.`,
  memoryAxis:
    "Launches go from left to right, bytes from top to bottom. A box is a value, from the first launch that needs it to the last.",
  arena: (number: number, bytes: string): string => `arena ${number}, ${bytes}`,
  numbers: "Show numbers",
  switches: "What makes this plan",
  switchesWhy: "Each pass rewrites the graph and leaves its meaning alone. Switch one off to see what it saves.",
  family: "Kernels",
  ownFamily: "as the device suits",
  tried: "Tried so far",
  usual: "all passes",
  without: (passes: readonly string[]): string => `without ${passes.join(", ")}`,
  withFamily: (family: string): string => `${family} kernels`,
  sameBits: "same bits",
  columns: {
    plan: "plan",
    launches: "launches",
    memory: "memory",
    moved: "moved at least",
    pass: "a pass",
    difference: "largest difference of a probability",
  },
  launchColumns: ["launch", "kernel", "workgroups", "arithmetic", "bytes", "time"],
  valueColumns: ["value", "arena", "first byte", "bytes", "first launch", "last launch"],
  openKernel: "Open its kernel",
  longest: "Longest launches",
  mostWork: "Launches with the most arithmetic",
  choose: "Point at a launch or a value, or go through the launches with the arrow keys.",
  facts: {
    layer: "layer",
    stage: "stage",
    op: "op",
    kernel: "kernel",
    workgroups: "workgroups",
    flops: "arithmetic",
    bytes: "bytes at least",
    time: "time",
    speed: "speed",
    reads: "reads",
    writes: "writes",
    arena: "arena",
    place: "first byte",
    size: "bytes",
    life: "needed by",
  },
  life: (from: string, to: string): string => (from === to ? from : `${from} to ${to}`),
  keys: { next: "next launch", previous: "launch before", open: "open the launch's kernel" },
  unknownLaunch: (id: string): string => `This plan has no launch "${id}".`,
  onlyLearning: "These passes rewrite training steps alone and change nothing here:",
} as const;

/** Passes that a scoring pass has something for, and what each does. */
export const PASSES: Readonly<Partial<Record<PlanPass, string>>> = {
  "residual-sum": "a residual network's sums in the kernel of the convolution before them",
  "norm-epilogue": "batch normalisation in the kernel of the convolution before it",
  "relu-epilogue": "ReLU in the kernel of the convolution or inner product before it",
  "dropout-epilogue": "dropout in the inner product's kernel",
  "lrn-pool": "normalisation and the max pooling after it in one kernel",
  inception: "three convolutions of an inception module in one product",
  "concat-in-place": "branches write into the module's output, without a copy",
};

/** Passes that only training steps have something for. */
export const LEARNING_PASSES: readonly PlanPass[] = ["gradient-sum", "relu-gate", "pool-winners", "loss-gradient", "update"];

export const FAMILIES: readonly KernelFamily[] = ["textbook", "vector", "workgroup", "subgroup", "quad", "winograd", "matrix"];
