// A tensor of four axes with elements put around it or, where a count is negative, taken off.
//
//   y[i, j, k, l] = x[i - before0, j - before1, k - before2, l - before3] where that is in x, else value
//
// One invocation per element of y.

struct Dims {
  count: u32, value: f32,
  x0: u32, x1: u32, x2: u32, x3: u32, // extents of x
  y1: u32, y2: u32, y3: u32, // extents of y but the first
  before0: i32, before1: i32, before2: i32, before3: i32,
}

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const WORKGROUP: u32 = 64; //#param

//#include "lib/split.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let fourth = split(i, dims.y3);
  let third = split(fourth.whole, dims.y2);
  let second = split(third.whole, dims.y1);
  // An index below 0 is huge as u32, hence outside.
  let i0 = u32(i32(second.whole) - dims.before0);
  let i1 = u32(i32(second.rest) - dims.before1);
  let i2 = u32(i32(third.rest) - dims.before2);
  let i3 = u32(i32(fourth.rest) - dims.before3);
  var value = dims.value;
  if (i0 < dims.x0 && i1 < dims.x1 && i2 < dims.x2 && i3 < dims.x3) { value = x[((i0 * dims.x1 + i1) * dims.x2 + i2) * dims.x3 + i3]; }
  y[i] = value;
}
