// Matrix product on four lanes, as all passes of a convolution and of an inner product are:
//
//   result[row, column] = sum over k of a[row, k] * b[k, column]
//
// A workgroup is one quad of lanes and makes a tile of 16 rows by 16 columns, two elements of k a step. A lane loads four rows of a and four columns of b.
// It sums four rows at a time: its own against its own columns, then the rows of the other lanes of its quad, by swaps. So a tile costs 32 loads a k, and
// no workgroup memory and no barrier.
// What rows, columns and k are, a pass says: gemm/gemm-quad-forward.wgsl, -backward-data.wgsl, -backward-filter.wgsl.
//
// It is for software adapters with four lanes, whose compilers load each lane's element with a branch of its own, copy every sum at every turn of a loop,
// unroll no loop and keep an array in memory that a variable indexes. Hence the sums are four matrices and not arrays, and the step is as short as it is:
// a longer one does less for loops but no longer fits a processor's instruction cache.

enable subgroups;

//#include "gemm/gemm-dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;

// What a result is, in the arrays of the epilogues.
alias Vector = vec4f;
// Whether a tile has four rows, as inner products of a small batch have: each lane loads one of them for all.
const FEW: bool = false; //#param
const ROWS: u32 = select(16u, 4u, FEW);
// Elements of k a step.
const DEPTH: u32 = 2;
// Rows of a lane.
const FOUR = vec4u(0, 1, 2, 3);

var<private> group: u32;

// A pass declares the functions that are called below, `finish` the epilogue. Columns are counted in fours.
//#slot phase
//#include "gemm/gemm-quad-forward.wgsl"
//#end

fn swapX(a: mat4x2f) -> mat4x2f { return mat4x2f(quadSwapX(a[0]), quadSwapX(a[1]), quadSwapX(a[2]), quadSwapX(a[3])); }
fn swapY(a: mat4x2f) -> mat4x2f { return mat4x2f(quadSwapY(a[0]), quadSwapY(a[1]), quadSwapY(a[2]), quadSwapY(a[3])); }
fn swapDiagonal(a: mat4x2f) -> mat4x2f {
  return mat4x2f(quadSwapDiagonal(a[0]), quadSwapDiagonal(a[1]), quadSwapDiagonal(a[2]), quadSwapDiagonal(a[3]));
}

fn gathered(row: vec2f) -> mat4x2f {
  return mat4x2f(quadBroadcast(row, 0u), quadBroadcast(row, 1u), quadBroadcast(row, 2u), quadBroadcast(row, 3u));
}

@compute @workgroup_size(4)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(subgroup_invocation_id) lane: u32,
) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
  if (tile >= dims.tiles) { return; }
  let firstColumn = tile % dims.columnTiles * 4;
  let firstRow = tile / dims.columnTiles % dims.rowTiles * ROWS;
  let split = tile / dims.columnTiles / dims.rowTiles / dims.groups;
  group = tile / dims.columnTiles / dims.rowTiles % dims.groups;
  let column = min(firstColumn + lane, dims.columns / 4 - 1);

  openTile(firstRow + ROWS / 4 * lane, column, split);
  let start = startOf(4 * column);
  // Sums of the rows of this lane, and of those of the lanes beside, below and across from it.
  var own = mat4x4f(start, start, start, start);
  var beside = own;
  var below = own;
  var across = own;
  let steps = stepCount(split);
  for (var step = 0u; step < steps; step++) {
    let a = loadA();
    let b = loadB();
    if (FEW) {
      own += b * gathered(a[0]);
    } else {
      own += b * a;
      beside += b * swapX(a);
      below += b * swapY(a);
      across += b * swapDiagonal(a);
    }
    next();
  }

  if (firstColumn + lane == column) {
    if (FEW) {
      finishRows(firstRow, column, split, own);
      return;
    }
    finishRows(firstRow + 4 * lane, column, split, own);
    finishRows(firstRow + 4 * (lane ^ 1), column, split, beside);
    finishRows(firstRow + 4 * (lane ^ 2), column, split, below);
    finishRows(firstRow + 4 * (lane ^ 3), column, split, across);
    closeTile(firstRow, column, split);
  }
}

fn finishRows(row: u32, column: u32, split: u32, sums: mat4x4f) {
  if (row < dims.rows) { finish(resultAt(row, column, split), sums[0]); }
  if (row + 1 < dims.rows) { finish(resultAt(row + 1, column, split), sums[1]); }
  if (row + 2 < dims.rows) { finish(resultAt(row + 2, column, split), sums[2]); }
  if (row + 3 < dims.rows) { finish(resultAt(row + 3, column, split), sums[3]); }
}
