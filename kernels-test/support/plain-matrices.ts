// Matrix units in plain WGSL, for shaders/gemm/gemm-matrix.wgsl on adapters without them: LANES successive invocations stand for a subgroup, and each makes
// some elements of every matrix, reading its rows and columns from workgroup memory. It computes what the units do, with f16 as f32 that were rounded to
// it, and is slow.
import type { Platform } from "../../src/platform/platform.ts";

const UNITS = `
alias Half = f32;
fn half(value: f32) -> Half { return quantizeToF16(value); }

// Where a matrix begins.
alias Left = u32;
alias Right = u32;
alias Sums = array<f32, M * N / LANES>;

var<private> ownLane: u32;

// Not a constant for a compiler, so that it unrolls no loop: with all of them unrolled a software adapter compiled for a minute.
fn times(count: u32) -> u32 { return max(count, min(dims.groups, 1)); }

fn loadLeft(at: u32) -> Left { return at; }
fn loadRight(at: u32) -> Right { return at; }
fn withProduct(a: Left, b: Right, sums: Sums) -> Sums {
  var next = sums;
  for (var e = 0u; e < times(M * N / LANES); e++) {
    let element = e * LANES + ownLane;
    for (var k = 0u; k < times(K); k++) { next[e] += aTile[a + element / N * LINE + k] * bTile[b + element % N * LINE + k]; }
  }
  return next;
}
fn storeSums(at: u32, sums: Sums) {
  for (var e = 0u; e < times(M * N / LANES); e++) { made[at + e * LANES + ownLane] = sums[e]; }
}
`;

const SUBGROUP = /\n {2}@builtin\(subgroup_id\).*\n {2}@builtin\(subgroup_invocation_id\).*/;
const CALL = "makeTile(workgroup, workgroups, index, subgroup, lane);";
const PLAIN_CALL = "ownLane = index % LANES; makeTile(workgroup, workgroups, index, index / LANES, ownLane);";

/** A platform whose shaders for matrix units run without them. */
export const withPlainMatrices = (platform: Platform): Platform => ({
  ...platform,
  shader(name) {
    if (name === "gemm/gemm-matrix-units.wgsl") return UNITS;
    const text = platform.shader(name);
    return name === "gemm/gemm-matrix.wgsl" ? text.replace(SUBGROUP, "").replace(CALL, PLAIN_CALL) : text;
  },
});
