// Gradient descent with momentum and weight decay, written over w and v, as Caffe's solver does it.
//
//   v[i] = momentum * v[i] + rateMultiplier * rate[0] * (dw[i] + decay * rate[1] * w[i])
//   w[i] = w[i] - v[i]
//
// Any shape. One invocation per element (textbook), or VECTORS successive Vectors of four: four of them run 1.5 times as fast as one on
// the software
// adapter. count, in Vectors, is a multiple of VECTORS. rate: [2], data that changes from step to
// step: the learning rate and 1 or, where dw is scaled, the rate over that scale and the scale.

struct Dims { count: u32, momentum: f32, decay: f32, rateMultiplier: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> w: array<Vector>;
@group(0) @binding(2) var<storage, read_write> v: array<Vector>;
@group(0) @binding(3) var<storage, read> dw: array<Vector>;
@group(0) @binding(4) var<storage, read> rate: array<f32>;

alias Vector = f32; //#param
const VECTORS: u32 = 1; //#param
const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let first = (invocation.y * groups.x * WORKGROUP + invocation.x) * VECTORS;
  if (first >= dims.count) { return; }
  let step = dims.rateMultiplier * rate[0];
  let decay = dims.decay * rate[1];
  for (var j = 0u; j < VECTORS; j++) {
    let i = first + j;
    let weight = w[i];
    let next = dims.momentum * v[i] + step * (dw[i] + decay * weight);
    v[i] = next;
    w[i] = weight - next;
  }
}
