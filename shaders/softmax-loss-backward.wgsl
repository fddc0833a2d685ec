// Gradient of softmax and logistic loss.
//
//   dx[r, c] = dloss * scale * (softmax(x)[r, c] - (1 if c = labels[r], else 0)),  scale = weight / rows
//
// x, dx: [rows, classes]; labels: [rows]; dloss: [1]. One workgroup per row;
// its LANES (one, in the textbook kernel) share the row's classes.

struct Dims { rows: u32, classes: u32, scale: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> labels: array<u32>;
@group(0) @binding(3) var<storage, read> dloss: array<f32>;
@group(0) @binding(4) var<storage, read_write> dx: array<f32>;

const LANES: u32 = 1; //#param

//#include "lib/softmax-row.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let r = group.y * groups.x + group.x;
  if (r >= dims.rows) { return; }
  let row = r * dims.classes;
  let softmax = softmaxRow(row, lane);

  let label = labels[r];
  for (var c = lane; c < dims.classes; c += LANES) {
    dx[row + c] = dloss[0] * dims.scale * (exp(x[row + c] - softmax.top) / softmax.total - select(0.0, 1.0, c == label));
  }
}
