// How the parts of several split sums are added in one launch. Device code: shaders/joined-sums.wgsl.
import { ceilDiv } from "../tensor/shape.ts";
import { flat, type Launch, type Target } from "./kernel.ts";

const WORKGROUP = 64;
/** Sums that the shader's Dims have room for. */
export const MOST_SUMS = 4;

/** Fields that a sum has in common with the launch that adds it alone. */
const SAME = [
  "tiles",
  "rows",
  "columns",
  "channels",
  "outputs",
  "xStride",
  "xFirst",
  "yStride",
  "yFirst",
  "accumulate",
  "relu",
  "most",
  "scale",
  "gated",
  "dropThreshold",
  "dropScale",
  "dropStream",
] as const;

/** A launch of gemm-sums.wgsl, where its parts begin in scratch memory, in elements, and the port of its bias. */
export interface SplitSum {
  readonly launch: Launch;
  readonly partialAt: number;
  readonly bias: string;
}

/** One launch of at most `MOST_SUMS` launches of the forward pass, or of gradients of inputs. */
export function joinedSums(sums: readonly SplitSum[], target: Target): Launch {
  const dims: Record<string, number> = { count: sums.length };
  let workgroups = 0;
  for (let k = 0; k < MOST_SUMS; k++) {
    const sum = sums[k] as SplitSum | undefined;
    for (const name of SAME) dims[`sums[${k}].${name}`] = sum?.launch.dims[name] ?? 0;
    Object.assign(dims, { [`sums[${k}].firstWorkgroup`]: workgroups, [`sums[${k}].partialAt`]: sum?.partialAt ?? 0, [`sums[${k}].biasAt`]: 0 });
    if (sum) workgroups += ceilDiv((sum.launch.dims["rows"] * sum.launch.dims["columns"]) / 4, WORKGROUP);
  }
  const [{ launch }] = sums;
  const forward = !launch.slots?.["result"];
  return {
    shader: "joined-sums.wgsl",
    slots: { ...launch.slots, ...(forward && { bias: "lib/joined-biases.wgsl" }) },
    params: { WORKGROUP },
    dims,
    ...(forward && {
      spans: { biases: sums.map(({ bias }) => bias) },
      places: Object.fromEntries(sums.map(({ bias }, k) => [`sums[${k}].biasAt`, bias])),
    }),
    workgroups: flat(workgroups * WORKGROUP, WORKGROUP, target),
    flops: sums.reduce((total, sum) => total + sum.launch.flops, 0),
    bytes: sums.reduce((total, sum) => total + sum.launch.bytes, 0),
  };
}
