// What a planned step asks of a GPU, by its launches alone: work beyond the edges of tiles, and products with few workgroups.
import type { LaunchFacts, Step } from "./compile.ts";

export const PHASES = ["forward", "data", "filter"] as const;
export type Phase = (typeof PHASES)[number];

/** A product whose workgroups do not fill a large GPU. */
export interface SmallProduct {
  readonly label: string;
  readonly phase: Phase;
  readonly kernel: string;
  readonly workgroups: number;
  /** Elements of its sums that one workgroup adds. */
  readonly depth: number;
}

export interface StepReport {
  readonly net: string;
  readonly graph: string;
  readonly batch: number;
  readonly launches: number;
  readonly flops: number;
  /** As the launches count them: each operand once. */
  readonly bytes: number;
  /** Computed over asked work of the tiled products, by phase; absent where there are none. */
  readonly computed: Readonly<Partial<Record<Phase, number>>>;
  readonly small: readonly SmallProduct[];
}

/** Workgroups below which a product is listed: three for every two of 132 processors, the fewest that src/kernels/gemm-workgroup.ts makes where k is long enough. */
const FULL_GPU = 200;

export function stepReport({ net, graph, batch, launches }: Step): StepReport {
  const products = launches.filter(isProduct);
  const computed: Partial<Record<Phase, number>> = {};
  for (const phase of PHASES) {
    const tiled = products.filter((launch) => phaseOf(launch) === phase && computedOverAsked(launch) !== null);
    const asked = tiled.reduce((sum, { flops }) => sum + flops, 0);
    if (asked > 0) computed[phase] = tiled.reduce((sum, launch) => sum + launch.flops * (computedOverAsked(launch) ?? 1), 0) / asked;
  }
  return {
    net,
    graph,
    batch,
    launches: launches.length,
    flops: launches.reduce((sum, { flops }) => sum + flops, 0),
    bytes: launches.reduce((sum, { bytes }) => sum + bytes, 0),
    computed,
    small: products
      .filter(({ workgroups }) => workgroups < FULL_GPU)
      .map((launch) => ({
        label: launch.label,
        phase: phaseOf(launch),
        kernel: launch.kernel,
        workgroups: launch.workgroups,
        depth: launch.dims["chunk"] || launch.dims["depth"],
      })),
  };
}

export const isProduct = ({ shader }: Pick<LaunchFacts, "shader">): boolean => shader.startsWith("gemm/");

export function phaseOf({ kernel }: Pick<LaunchFacts, "kernel">): Phase {
  if (/backward-data/.test(kernel)) return "data";
  return /backward-filter|-update/.test(kernel) ? "filter" : "forward";
}

/** By the tiles' rows and columns over the result's; null for kernels whose tiles are not of ROWS and COLUMNS. */
function computedOverAsked({ params, dims }: LaunchFacts): number | null {
  const [rows, columns] = [Number(params["ROWS"]), Number(params["COLUMNS"])];
  if (!rows || !columns) return null;
  return (dims["rowTiles"] * rows * dims["columnTiles"] * columns) / (dims["rows"] * dims["columns"]);
}
