// Memory traffic of a training step on a GPU: what its launches move, against what no schedule could do without. By plans alone, without an adapter.
import { planOn, type Machine } from "../../src/cli/targets.ts";
import type { Plan, PlannedLaunch } from "../../src/engine/planner.ts";
import { stagesOf } from "../../src/engine/stages.ts";
import type { Graph, Value } from "../../src/graph/graph.ts";
import { ADAPTERS } from "../../src/kernels/adapters.ts";
import { networkNamed, networks } from "../../src/models/index.ts";
import { optimise } from "../../src/passes/index.ts";
import { BYTES_PER_ELEMENT, sizeOf } from "../../src/tensor/shape.ts";
import { measuredGraph } from "../../src/train/noise-session.ts";
import { section, titleOf } from "../markdown.ts";

const PARTS = ["products", "split sums and updates", "normalization and pooling", "other"] as const;
type TrafficPart = (typeof PARTS)[number];

/** Bytes of one step. */
interface Traffic {
  readonly moved: Readonly<Record<TrafficPart, number>>;
  /** See `boundOf`. */
  readonly bound: number;
}

function partOf({ launch: { shader } }: PlannedLaunch): TrafficPart {
  if (shader.startsWith("gemm/")) return "products";
  if (/^(sgd|sum-pixels|gemm-sums|joined-steps)/.test(shader)) return "split sums and updates";
  return /^(lrn|max-pool|average-pool)/.test(shader) ? "normalization and pooling" : "other";
}

/** What each launch must move by its formula; where a sum is split, its partial results besides. */
export function trafficOf({ graph, launches }: Plan): Traffic {
  const moved = Object.fromEntries(PARTS.map((part) => [part, 0])) as Record<TrafficPart, number>;
  for (const planned of launches) {
    moved[partOf(planned)] += planned.launch.bytes;
    if (planned.launch.bind?.["result"] === "partial") moved["split sums and updates"] += planned.operands["result"].bytes;
  }
  return { moved, bound: boundOf(graph) };
}

/**
 * Inputs and states read once; states that the step changes written once; and what the backward pass reads of the forward pass written once and read
 * once. All else could stay in caches or registers.
 */
export function boundOf(graph: Graph): number {
  const bytesOf = ({ shape }: Value): number => BYTES_PER_ELEMENT * sizeOf(shape);
  const stageOf = stagesOf(graph);
  const memoryOf = (value: Value): Value => {
    const view = graph.views.get(value);
    return view ? memoryOf(view.of) : value;
  };
  const made = new Set<Value>();
  const read = new Set<Value>();
  for (const node of graph.nodes) {
    const forward = stageOf(node) === "forward";
    if (forward) for (const value of Object.values(node.outputs)) made.add(memoryOf(value));
    else for (const value of Object.values(node.inputs)) read.add(memoryOf(value));
  }
  const kept = [...made].filter((value) => read.has(value));
  return (
    graph.inputs.reduce((sum, value) => sum + bytesOf(value), 0) +
    graph.states.reduce((sum, { value, next }) => sum + (next ? 2 : 1) * bytesOf(value), 0) +
    2 * kept.reduce((sum, value) => sum + bytesOf(value), 0)
  );
}

const GPU: Machine = { name: "a GPU with subgroups of 32", target: ADAPTERS["a GPU with subgroups of 32"], maxBufferBytes: 2 ** 32 - 1 };
const BATCHES = [4, 32, 128];
/** Peak of f32 and bandwidth of an H100, by NVIDIA's data sheet of the SXM5 board. */
const H100 = { flops: 66.9e12, bytesPerSecond: 3.35e12 };

/** The section of docs/performance.md. */
export function trafficSection(): string[] {
  const rows = Object.keys(networks).flatMap((net) =>
    BATCHES.map((batch) => {
      const network = networkNamed(net);
      const graph = measuredGraph("training", { network, batch, classes: 1000, width: 1, size: network.size });
      const plan = planOn(GPU, optimise(graph), undefined);
      const { moved, bound } = trafficOf(plan);
      const all = Object.values(moved).reduce((sum, bytes) => sum + bytes, 0);
      const flops = plan.launches.reduce((sum, { launch }) => sum + launch.flops, 0);
      return [
        titleOf(net),
        batch,
        ...PARTS.map((part) => gigabytes(moved[part])),
        gigabytes(all),
        gigabytes(bound),
        (all / bound).toFixed(2),
        milliseconds(all / H100.bytesPerSecond),
        milliseconds(flops / H100.flops),
      ];
    }),
  );
  return section(
    "Memory traffic of a training step on a GPU, GB",
    rows,
    ["network", "batch", ...PARTS, "all", "bound", "all / bound", "ms of bytes", "ms of FLOPs"],
    "By plans for a GPU with subgroups of 32, at full size; nothing was measured. All: each launch reads and writes each of its operands once, as by its formula, and where a sum is split, " +
      "its partial results besides; tiles that read an operand again find it in a cache or do not. Bound: inputs and parameters read once, parameters and momenta written once, and what " +
      "the backward pass reads of the forward pass written once and read once. Milliseconds: of all bytes at 3.35 TB/s and of all operations at 66.9 TFLOPS, an H100's figures on paper. " +
      "[What a GPU's compiler makes of the kernels](compiled-kernels.md).",
  );
}

const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(2);
const milliseconds = (seconds: number): string => (1000 * seconds).toFixed(2);
