// Matrix product in registers, as all passes of a convolution and of an inner product are:
//
//   result[row, column] = sum over k of a[row, k] * b[k, column]
//
// One subgroup makes a tile of ROWS ROW_GROUPS rows by 4 COLUMNS COLUMN_LANES columns. COLUMN_LANES lanes lie along the columns; where those are few, the
// other lanes hold further rows of the same columns. Every lane holds ROWS rows of its own columns: it loads the elements of b that it needs, and an
// element of a is loaded by one lane and shuffled to all that need it. No workgroup memory, no barrier.
// What rows, columns and k are, a pass says: gemm/gemm-subgroup-forward.wgsl, _backward_data.wgsl, _backward_filter.wgsl.
//
// On a software adapter with 8 lanes and 2 cores, tiles of 32 x 32 compute 60 GFLOPS. Bounds of loops are constants, so that the driver unrolls
// them and keeps `sums`, `a` and `b` in registers: a tile that it gives up on is ten times slower. Extents are data: one compiled pipeline serves
// every layer.

enable subgroups;

//#include "gemm/gemm-dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;

const LANES: u32 = 8; //#param
const ROWS: u32 = 32; //#param
const COLUMNS: u32 = 1; //#param
const ROW_GROUPS: u32 = 1; //#param
const COLUMN_LANES: u32 = LANES / ROW_GROUPS;
// What a result is, in the arrays of the epilogues.
alias Vector = vec4f;

var<private> lane: u32;
var<private> rowGroup: u32;
var<private> group: u32;

// A pass declares `a`, `b`, DEPTH (elements of k a step), RUN (rows of a lane that lie one after the other in a register of `a`) and the functions
// that are called below; `rowOf` is a lane's row in the tile, `finish` the epilogue.
//#slot phase
//#include "gemm/gemm-subgroup-forward.wgsl"
//#end

@compute @workgroup_size(LANES)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(subgroup_invocation_id) invocation: u32,
) {
  let tile = workgroup.y * workgroups.x + workgroup.x;
  if (tile >= dims.tiles) { return; }
  let firstColumn = tile % dims.columnTiles * (4 * COLUMNS * COLUMN_LANES);
  let firstRow = tile / dims.columnTiles % dims.rowTiles * (ROWS * ROW_GROUPS);
  let split = tile / dims.columnTiles / dims.rowTiles / dims.groups;
  lane = invocation;
  rowGroup = lane / COLUMN_LANES;
  group = tile / dims.columnTiles / dims.rowTiles % dims.groups;

  openTile(firstRow, firstColumn, split);
  var sums: array<array<vec4f, COLUMNS>, ROWS>;
  for (var j = 0u; j < COLUMNS; j++) {
    let start = startOf(4 * column[j]);
    for (var i = 0u; i < ROWS; i++) { sums[i][j] = start; }
  }

  let blocks = blockCount();
  for (var block = 0u; block < blocks; block++) {
    openBlock(block);
    let steps = stepCount(block, split);
    for (var step = 0u; step < steps; step++) {
      load(step);
      // Run by run, so that registers are indexed by a loop's own counter: what makes the driver unroll 32 rows.
      for (var run = 0u; run < ROWS / RUN; run++) {
        for (var i = 0u; i < RUN; i++) {
          for (var j = 0u; j < COLUMNS; j++) {
            var sum = sums[run * RUN + i][j];
            for (var k = 0u; k < DEPTH; k++) { sum = fma(vec4f(operand(run, i, k)), b[k][j], sum); }
            sums[run * RUN + i][j] = sum;
          }
        }
      }
    }
  }

  // Out of registers, into memory that a loop may walk: unrolled, stores and epilogue were three quarters of what a software adapter compiles.
  // The bound is data for that reason; a lane's row i is no less than row i of the tile.
  var finished = sums;
  let last = min(ROWS, dims.rows - firstRow);
  for (var i = 0u; i < last; i++) {
    let row = firstRow + rowOf(i);
    if (row >= dims.rows) { break; }
    for (var j = 0u; j < COLUMNS; j++) {
      if (columnInside[j]) { finish(resultAt(row, j, split), finished[i][j]); }
    }
  }
  closeTile(firstRow, split);
}
