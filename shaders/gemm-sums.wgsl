// The parts of sums that a matrix product split along k, added in order, and what becomes of a sum, as gemm/gemm-workgroup.wgsl has it:
//
//   result[row, column] = sum over p of partial[p, g, row, column], by the result's own layout and epilogue
//
// partial: [parts, groups, rows, columns]. One invocation per Vector of columns.

//#include "gemm/gemm-dims.wgsl"

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> partial: array<Vector>;

const WORKGROUP: u32 = 64; //#param

//#slot elements
//#include "gemm/gemm-fours.wgsl"
//#end

//#include "lib/sum-parts.wgsl"

var<private> group: u32;

//#slot result
//#include "gemm/gemm-forward-result.wgsl"
//#end
// A column among all as one of its run, where columns are several runs.
//#slot run
fn inRun(column: u32) -> u32 { return column; }
//#end

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let i = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let columns = dims.columns / VECTOR;
  let size = dims.groups * dims.rows * columns;
  if (i >= size) { return; }
  let column = inRun(i % columns * VECTOR);
  group = i / columns / dims.rows;
  let sum = withParts(partOf(startOf(column), 0), i, size, dims.tiles);
  finish(resultAt(i / columns % dims.rows, column, 0) / VECTOR, sum);
}
