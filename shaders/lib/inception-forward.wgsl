// The three 1 x 1 convolutions of an inception module that share its input, as one matrix product: a pass of gemm/gemm-subgroup.wgsl. Rows are pixels, k
// runs over channels, and the columns of the three lie one after the other; a tile of columns belongs to one of them.
//
//   y[pixel, m] = bias0[m] + sum over c of x[pixel, c] * filter0[c, m],  reduced[pixel, (m of 1, m of 2)] likewise with filters 1 and 2
//
// parameters: the stretch of memory that holds filters and biases.

@group(0) @binding(1) var<storage, read> x: array<Along>;
@group(0) @binding(2) var<storage, read> parameters: array<vec4f>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;
@group(0) @binding(4) var<storage, read_write> reduced: array<vec4f>;

//#include "gemm/gemm-subgroup-along.wgsl"
//#include "lib/inception-columns.wgsl"

var<private> xAt: array<u32, REGISTERS>;
// The branch that this tile belongs to: where its filter and bias begin, in fours.
var<private> filterAt: u32;
var<private> biasAt: u32;

fn openTile(firstRow: u32, firstColumn: u32, split: u32) {
  for (var p = 0u; p < REGISTERS; p++) {
    let pixel = min(firstRow + p * ROW_LANES + lane % ROW_LANES, dims.rows - 1);
    xAt[p] = (pixel * dims.xStride + dims.xFirst) / VECTOR + lane / ROW_LANES;
  }
  openBranch(firstColumn);
  filterAt = array(dims.filter0At, dims.filter1At, dims.filter2At)[branch] / 4;
  biasAt = array(dims.bias0At, dims.bias1At, dims.bias2At)[branch] / 4;
}

fn startOf(column: u32) -> vec4f { return parameters[biasAt + column / 4]; }

fn blockCount() -> u32 { return 1; }
fn stepCount(block: u32, split: u32) -> u32 { return dims.channels / DEPTH; }
fn openBlock(block: u32) {}

fn load(step: u32) {
  for (var p = 0u; p < REGISTERS; p++) { a[p] = x[xAt[p] + step * DEPTH_LANES]; }
  for (var k = 0u; k < DEPTH; k++) {
    for (var j = 0u; j < COLUMNS; j++) { b[k][j] = parameters[filterAt + (step * DEPTH + k) * outputs + column[j]]; }
  }
}

fn resultAt(row: u32, j: u32, split: u32) -> u32 {
  if (branch == 0) { return (row * dims.yStride + dims.yFirst) / 4 + column[j]; }
  return (row * (dims.outputs1 + dims.outputs2) + select(0u, dims.outputs1, branch == 2)) / 4 + column[j];
}

fn finish(at: u32, sum: vec4f) {
  let value = select(sum, max(sum, vec4f()), dims.relu == 1);
  if (branch == 0) { y[at] = value; } else { reduced[at] = value; }
}

fn closeTile(firstRow: u32, split: u32) {}
