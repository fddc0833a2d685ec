// Logarithm of the softmax over classes.
//
//   y[r, c] = x[r, c] - top - log(sum over the row of exp(x[r, i] - top)),  top = max of row r
//
// x, y: [rows, classes]. One workgroup per row; its LANES (one, in the textbook kernel) share the row's classes.

struct Dims { rows: u32, classes: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const LANES: u32 = 1; //#param

//#include "lib/softmax-row.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = group.y * groups.x + group.x;
  if (r >= dims.rows) { return; }
  let row = r * dims.classes;
  let softmax = softmaxRow(row, lane);
  for (var c = lane; c < dims.classes; c += LANES) { y[row + c] = x[row + c] - softmax.top - log(softmax.total); }
}
