// A tensor with its axes in another order.
//
//   y[i0, ..., i5] = x[i0 s0 + ... + i5 s5]
//
// The strides s are those of x, by axis of y. One invocation per element (or, as Vector = vec4f, four of the last axis, which is then x's own and
// counted in Vectors, as the strides are).

struct Dims {
  count: u32,
  e1: u32, e2: u32, e3: u32, e4: u32, e5: u32, // extents of y but the first
  s0: u32, s1: u32, s2: u32, s3: u32, s4: u32, s5: u32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read_write> y: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let a5 = split(i, dims.e5);
  let a4 = split(a5.whole, dims.e4);
  let a3 = split(a4.whole, dims.e3);
  let a2 = split(a3.whole, dims.e2);
  let a1 = split(a2.whole, dims.e1);
  y[i] = x[a1.whole * dims.s0 + a1.rest * dims.s1 + a2.rest * dims.s2 + a3.rest * dims.s3 + a4.rest * dims.s4 + a5.rest * dims.s5];
}
