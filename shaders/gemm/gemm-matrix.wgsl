// Forward matrix product on the units that GPUs have for it:
//
//   result[row, column] = sum over k of a[row, k] * b[k, column]
//
// a and b are rounded to f16, sums are f32. Vectors are loaded as gemm/gemm-workgroup.wgsl loads them and laid into workgroup memory as f16; each of four
// subgroups makes a quarter of the tile, 32 x 32, of matrices M x N. They come back through workgroup memory, as where a matrix keeps which element is
// the adapter's affair. Needs Dawn's experimental subgroup matrices. Compiled, never yet run: no adapter with them was at hand.

enable f16;
enable subgroups;
enable chromium_experimental_subgroup_matrix;

//#include "gemm/gemm-dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;

// Lanes of a subgroup, and the shapes of matrices that the adapter multiplies: M x K by K x N.
const LANES: u32 = 32; //#param
const M: u32 = 16; //#param
const N: u32 = 16; //#param
const K: u32 = 16; //#param
alias Left = subgroup_matrix_left<f16, K, M>;
alias Right = subgroup_matrix_right<f16, N, K>;
alias Sums = subgroup_matrix_result<f32, N, M>;

const ROWS: u32 = 64;
const COLUMNS: u32 = 64;
const DEPTH: u32 = 16;
const SUBGROUPS: u32 = 4;
const INVOCATIONS: u32 = SUBGROUPS * LANES;

//#include "gemm/gemm-fours.wgsl"
//#include "gemm/gemm-workgroup-loads.wgsl"
//#include "gemm/gemm-workgroup-columns.wgsl"
//#include "gemm/gemm-workgroup-forward.wgsl"

// By k: a line of rows (or columns), and eight elements more that keep lines apart in memory banks.
const LINE: u32 = 64 + 8;
var<workgroup> aTile: array<f16, DEPTH * LINE>;
var<workgroup> bTile: array<f16, DEPTH * LINE>;
// By subgroup: a matrix on its way out.
var<workgroup> made: array<f32, SUBGROUPS * M * N>;

fn lay() {
  for (var e = 0u; e < 4; e++) {
    for (var u = 0u; u < A_LOADS; u++) { aTile[(kOf(true) + e) * LINE + lineOf(u, true)] = f16(a[u][e]); }
    for (var u = 0u; u < B_LOADS; u++) { bTile[kOf(false) * LINE + lineOf(u, false) + e] = f16(b[u][e]); }
  }
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
  if (tile >= dims.tiles) { return; }
  let row = tile / dims.columnTiles % dims.rowTiles * ROWS;
  let column = tile % dims.columnTiles * COLUMNS;
  group = tile / dims.columnTiles / dims.rowTiles;
  invocation = index;

  // This subgroup's quarter of the tile.
  let below = subgroup / 2 * 32;
  let beside = subgroup % 2 * 32;
  var sums: array<array<Sums, 32 / N>, 32 / M>;

  open(row, column, 0);
  for (var k = 0u; k < dims.depth; k += DEPTH) {
    load(dims.depth - k);
    settle();
    lay();
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d += K) {
      for (var q = 0u; q < 32 / N; q++) {
        let right = subgroupMatrixLoad<Right, row_major>(&bTile, d * LINE + beside + q * N, LINE);
        for (var p = 0u; p < 32 / M; p++) {
          let left = subgroupMatrixLoad<Left, col_major>(&aTile, d * LINE + below + p * M, LINE);
          sums[p][q] = subgroupMatrixMultiplyAccumulate(left, right, sums[p][q]);
        }
      }
    }
    workgroupBarrier();
  }

  for (var p = 0u; p < 32 / M; p++) {
    for (var q = 0u; q < 32 / N; q++) {
      let start = subgroup * M * N;
      subgroupMatrixStore<row_major>(&made, start, sums[p][q], N);
      workgroupBarrier();
      for (var four = lane; four < M * N / 4; four += LANES) {
        let r = row + below + p * M + 4 * four / N;
        let c = column + beside + q * N + 4 * four % N;
        let at = start + 4 * four;
        let sum = vec4f(made[at], made[at + 1], made[at + 2], made[at + 3]);
        if (r < dims.rows && c < dims.columns) { finish(resultAt(r, c, 0) / 4, sum + startOf(c)); }
      }
      workgroupBarrier();
    }
  }
}
