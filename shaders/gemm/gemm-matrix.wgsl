// Matrix product on the units that GPUs have for it, as all passes of a convolution and of an inner product are:
//
//   result[row, column] = sum over k of a[row, k] * b[k, column]
//
// a and b are rounded to f16, sums are f32. A workgroup makes a tile of ROWS x COLUMNS, each of its subgroups a part of HIGH x WIDE, of matrices M x N.
// All invocations together lay DEPTH elements of k into workgroup memory, rows of a and columns of b as lines along k: what a lane needs of a matrix lies
// side by side. Each loads the same number of fours, under no condition, and masks them when it lays them: they are on their way while the step before
// is multiplied. Sums leave through workgroup memory, as where a matrix keeps which element is the adapter's affair. Elements come and go in fours.
//
// What rows, columns and k are, a pass says: gemm/gemm-matrix-forward.wgsl, -backward-data.wgsl, -backward-filter.wgsl. Compiled for GPUs, never yet run on
// one; its results are checked with plain WGSL in place of the units (kernels-test/support/plain-matrices.ts).

//#include "gemm/gemm-matrix-units.wgsl"

//#include "gemm/gemm-dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;

// Lanes of a subgroup, and the shapes of matrices that the adapter multiplies: M x K by K x N.
const LANES: u32 = 32; //#param
const M: u32 = 16; //#param
const N: u32 = 16; //#param
const K: u32 = 16; //#param
const ROWS: u32 = 64; //#param
const COLUMNS: u32 = 64; //#param
const DEPTH: u32 = 32;
const HIGH: u32 = ROWS / 2;
const WIDE: u32 = COLUMNS / 2;
const SUBGROUPS: u32 = 4;
const INVOCATIONS: u32 = SUBGROUPS * LANES;
// Fours of a and of b that an invocation loads in a step.
const A_FOURS: u32 = ROWS * DEPTH / 4 / INVOCATIONS;
const B_FOURS: u32 = COLUMNS * DEPTH / 4 / INVOCATIONS;

alias Vector = vec4f;
const VECTOR: u32 = 4;

// A line along k, and eight elements more that keep lines apart in memory banks.
const LINE: u32 = DEPTH + 8;
var<workgroup> aTile: array<Half, ROWS * LINE>;
var<workgroup> bTile: array<Half, COLUMNS * LINE>;
// By subgroup: a matrix on its way out.
var<workgroup> made: array<f32, SUBGROUPS * M * N>;

var<private> group: u32;
var<private> last: u32; // the first k that this tile no longer sums
var<private> aLoaded: array<vec4f, A_FOURS>;
var<private> aInside: array<bool, A_FOURS>;
var<private> bLoaded: array<vec4f, B_FOURS>;
var<private> bInside: array<bool, B_FOURS>;

struct Place { line: u32, k: u32 } // of a four's first element, in a tile

// A four lies along k, or across four lines; then all of an invocation's lie side by side along k.
fn placeOf(index: u32, u: u32, alongK: bool, lines: u32, fours: u32) -> Place {
  let i = u * INVOCATIONS + index;
  if (alongK) { return Place(i / (DEPTH / 4), 4 * (i % (DEPTH / 4))); }
  return Place(4 * (index % (lines / 4)), index / (lines / 4) * fours + u);
}
fn placeOfA(index: u32, u: u32) -> Place { return placeOf(index, u, A_ALONG_K, ROWS, A_FOURS); }
fn placeOfB(index: u32, u: u32) -> Place { return placeOf(index, u, B_ALONG_K, COLUMNS, B_FOURS); }

// A pass loads its fours of a and b, and declares where elements of the result lie; `finish` is its epilogue.
//#slot phase
//#include "gemm/gemm-matrix-forward.wgsl"
//#end

fn layTiles(index: u32) {
  for (var u = 0u; u < A_FOURS; u++) {
    let place = placeOfA(index, u);
    let four = select(vec4f(), aLoaded[u], aInside[u]);
    for (var e = 0u; e < 4; e++) { aTile[place.line * LINE + place.k + e * select(LINE, 1, A_ALONG_K)] = half(four[e]); }
  }
  for (var u = 0u; u < B_FOURS; u++) {
    let place = placeOfB(index, u);
    let four = select(vec4f(), bLoaded[u], bInside[u]);
    for (var e = 0u; e < 4; e++) { bTile[place.line * LINE + place.k + e * select(LINE, 1, B_ALONG_K)] = half(four[e]); }
    addToBias(four);
  }
}

fn makeTile(workgroup: vec3u, workgroups: vec3u, index: u32, subgroup: u32, lane: u32) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
  if (tile >= dims.tiles) { return; }
  let split = tile / dims.columnTiles / dims.rowTiles / dims.groups;
  let row = tile / dims.columnTiles % dims.rowTiles * ROWS;
  let column = tile % dims.columnTiles * COLUMNS;
  group = tile / dims.columnTiles / dims.rowTiles % dims.groups;
  let first = min(split * dims.chunk, dims.depth);
  let end = min(first + dims.chunk, dims.depth);
  last = end;

  // This subgroup's part of the tile.
  let below = subgroup / 2 * HIGH;
  let beside = subgroup % 2 * WIDE;
  var sums: array<array<Sums, WIDE / N>, HIGH / M>;

  openTile(index, row, column, first);
  loadFours();
  let steps = (end - first + DEPTH - 1) / DEPTH;
  for (var step = 0u; step < steps; step++) {
    workgroupBarrier();
    layTiles(index);
    workgroupBarrier();
    loadFours();
    for (var d = 0u; d < DEPTH; d += K) {
      var a: array<Left, HIGH / M>;
      for (var p = 0u; p < HIGH / M; p++) { a[p] = loadLeft((below + p * M) * LINE + d); }
      for (var q = 0u; q < WIDE / N; q++) {
        let b = loadRight((beside + q * N) * LINE + d);
        for (var p = 0u; p < HIGH / M; p++) { sums[p][q] = withProduct(a[p], b, sums[p][q]); }
      }
    }
  }

  for (var p = 0u; p < times(HIGH / M); p++) {
    for (var q = 0u; q < times(WIDE / N); q++) {
      storeSums(subgroup * M * N, sums[p][q]);
      workgroupBarrier();
      for (var four = lane; four < M * N / 4; four += LANES) {
        let r = row + below + p * M + 4 * four / N;
        let c = column + beside + q * N + 4 * four % N;
        let at = subgroup * M * N + 4 * four;
        let sum = vec4f(made[at], made[at + 1], made[at + 2], made[at + 3]);
        if (r < dims.rows && c < dims.columns) { finish(resultAt(r, c, split) / 4, sum + startOf(c)); }
      }
      workgroupBarrier();
    }
  }
  closeTile(index, row, column, split);
}

@compute @workgroup_size(INVOCATIONS)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_id) subgroup: u32,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  makeTile(workgroup, workgroups, index, subgroup, lane);
}
