// Gradient of the logarithm of softmax.
//
//   dx[r, c] = dy[r, c] - exp(y[r, c]) * sum over the row of dy[r, i]
//
// y, dy, dx: [rows, classes]. One workgroup per row; its LANES (one, in the textbook kernel) share the row's classes.

struct Dims { rows: u32, classes: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> y: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;

const LANES: u32 = 1; //#param

//#include "lib/over-lanes.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = group.y * groups.x + group.x;
  if (r >= dims.rows) { return; }
  let row = r * dims.classes;

  var total = 0.0;
  for (var c = lane; c < dims.classes; c += LANES) { total += dy[row + c]; }
  total = sumOverLanes(lane, total);
  for (var c = lane; c < dims.classes; c += LANES) { dx[row + c] = dy[row + c] - exp(y[row + c]) * total; }
}
