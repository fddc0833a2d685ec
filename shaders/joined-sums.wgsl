// The parts of several sums that matrix products split along k, added in order, and what becomes of each sum: as gemm-sums.wgsl has it for one. All results
// lie in one tensor, as the branches of an inception module do. partial: of each sum [parts, rows, columns], from `partialAt` on. One invocation per four
// columns; all invocations of a workgroup work on one sum.

struct Sum {
  firstWorkgroup: u32,
  partialAt: u32, tiles: u32, // elements before its parts, and their number
  biasAt: u32,
  // As gemm/gemm-dims.wgsl has them.
  rows: u32, columns: u32, channels: u32, outputs: u32,
  xStride: u32, xFirst: u32, yStride: u32, yFirst: u32,
  accumulate: u32, relu: u32, most: f32, scale: f32,
  gated: u32, dropThreshold: u32, dropScale: f32, dropStream: u32,
}

struct Dims {
  sums: array<Sum, 4>, count: u32,
}

@group(0) @binding(0) var<uniform> all: Dims;
@group(0) @binding(1) var<storage, read> partial: array<Vector>;

const WORKGROUP: u32 = 64; //#param

//#include "gemm/gemm-fours.wgsl"
//#include "lib/sum-parts.wgsl"

var<private> dims: Sum;
var<private> group: u32; // 0: none has several

//#slot result
//#include "gemm/gemm-forward-result.wgsl"
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u, @builtin(local_invocation_index) index: u32) {
  let workgroup = id.y * workgroups.x + id.x;
  var k = 0u;
  while (k + 1 < all.count && all.sums[k + 1].firstWorkgroup <= workgroup) { k++; }
  dims = all.sums[k];

  let i = (workgroup - dims.firstWorkgroup) * WORKGROUP + index;
  let columns = dims.columns / 4;
  if (i >= dims.rows * columns) { return; }
  let column = i % columns * 4;
  let sum = withParts(startOf(column), dims.partialAt / 4 + i, dims.rows * columns, dims.tiles);
  finish(resultAt(i / columns, column, 0) / 4, sum);
}
