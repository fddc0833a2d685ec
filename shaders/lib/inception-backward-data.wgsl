// Gradient of the three 1 x 1 convolutions of an inception module with respect to the input they share, as one matrix product: a pass of
// gemm/gemm-subgroup.wgsl. Rows are pixels, columns are channels, and k runs over the outputs of the three, one after the other.
//
//   dx[pixel, c] = sum over m of dy[pixel, m] * filter0[c, m] + sum over the m of 1 and of 2 of dreduced[pixel, m] * filters[c, m]
//
// parameters: the stretch of memory that holds the filters. They lie with their outputs innermost, which are k here: a lane loads VECTOR of them for
// each of its columns and turns them round in registers.

//#include "gemm/gemm-subgroup-columns.wgsl"

@group(0) @binding(1) var<storage, read> dy: array<Along>;
@group(0) @binding(2) var<storage, read> parameters: array<Along>;
@group(0) @binding(4) var<storage, read> dreduced: array<Along>;
//#include "gemm/gemm-gradient-epilogue.wgsl"
//#include "gemm/gemm-subgroup-along.wgsl"

var<private> pixel: array<u32, REGISTERS>;
// The branch in work: which it is, its outputs, and where its gradients and its filter's rows begin, all but the first in VECTORs.
var<private> branch: u32;
var<private> outputs: u32;
var<private> gradientAt: array<u32, REGISTERS>;
var<private> filterAt: array<array<u32, 4>, COLUMNS>;

fn openTile(firstRow: u32, firstColumn: u32, split: u32) {
  for (var p = 0u; p < REGISTERS; p++) { pixel[p] = min(firstRow + p * ROW_LANES + lane % ROW_LANES, dims.rows - 1); }
  openColumns(firstColumn);
}

fn startOf(column: u32) -> vec4f { return vec4f(); }

fn blockCount() -> u32 { return 3; }
fn stepCount(block: u32, split: u32) -> u32 { return array(dims.outputs0, dims.outputs1, dims.outputs2)[block] / DEPTH; }

fn openBlock(block: u32) {
  branch = block;
  outputs = array(dims.outputs0, dims.outputs1, dims.outputs2)[branch] / VECTOR;
  for (var p = 0u; p < REGISTERS; p++) {
    let own = pixel[p] * dims.yStride + dims.yFirst;
    let reduced = pixel[p] * (dims.outputs1 + dims.outputs2) + select(0u, dims.outputs1, branch == 2);
    gradientAt[p] = select(reduced, own, branch == 0) / VECTOR + lane / ROW_LANES;
  }
  let base = array(dims.filter0At, dims.filter1At, dims.filter2At)[branch] / VECTOR;
  for (var j = 0u; j < COLUMNS; j++) {
    for (var e = 0u; e < 4; e++) { filterAt[j][e] = base + (4 * column[j] + e) * outputs; }
  }
}

fn load(step: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let at = gradientAt[p] + step * DEPTH_LANES;
    if (branch == 0) { a[p] = dy[at]; } else { a[p] = dreduced[at]; }
  }
  for (var d = 0u; d < DEPTH_LANES; d++) {
    for (var j = 0u; j < COLUMNS; j++) {
      for (var e = 0u; e < 4; e++) {
        let along = parameters[filterAt[j][e] + step * DEPTH_LANES + d];
        for (var k = 0u; k < VECTOR; k++) { b[d * VECTOR + k][j][e] = along[k]; }
      }
    }
  }
}

fn resultAt(row: u32, j: u32, split: u32) -> u32 { return (row * dims.xStride + dims.xFirst) / 4 + column[j]; }

fn closeTile(firstRow: u32, split: u32) {}
