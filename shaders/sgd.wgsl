// Gradient descent with momentum and weight decay, written over w and v, as Caffe's solver does it.
//
//   v[i] = momentum * v[i] + rateMultiplier * rate * (dw[i] + decay * w[i])
//   w[i] = w[i] - v[i]
//
// Any shape; one invocation an element (or, as Vector = vec4f, four). rate: [1], data that changes from step to step.

struct Dims { count: u32, momentum: f32, decay: f32, rateMultiplier: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read_write> w: array<Vector>;
@group(0) @binding(2) var<storage, read_write> v: array<Vector>;
@group(0) @binding(3) var<storage, read> dw: array<Vector>;
@group(0) @binding(4) var<storage, read> rate: array<f32>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let next = dims.momentum * v[i] + dims.rateMultiplier * rate[0] * (dw[i] + dims.decay * w[i]);
  v[i] = next;
  w[i] -= next;
}
