// Matrix units in plain WGSL, for gemm/gemm-matrix.wgsl on adapters without them: every lane makes some elements of each matrix, and reads its rows and
// columns from workgroup memory. It computes what the units do, with f16 as f32 that were rounded to it, and is slow.

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
