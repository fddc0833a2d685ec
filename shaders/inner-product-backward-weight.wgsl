// Gradient of an inner product with respect to its weight: the sum over all rows, not their mean.
//
//   dweight[i, o] = sum over r of x[r, i] * dy[r, o]
//
// x: [rows, inputs]; dy: [rows, outputs]; dweight: [inputs, outputs]. One invocation per element of dweight.
// A gradient larger than a binding may be is made in windows of its rows: this launch makes rows `first` to `first + count`.

struct Dims { rows: u32, inputs: u32, outputs: u32, first: u32, count: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dweight: array<f32>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let at = invocation.y * workgroups.x * WORKGROUP + invocation.x;
  let i = at / dims.outputs;
  let o = at % dims.outputs;
  if (i >= dims.count) { return; }

  var sum = 0.0;
  for (var r = 0u; r < dims.rows; r++) {
    sum += x[r * dims.inputs + dims.first + i] * dy[r * dims.outputs + o];
  }
  dweight[at] = sum;
}
