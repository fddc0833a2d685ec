// Sum of a list: y[0] = scale * (x[0] + x[1] + ... + x[count - 1]). One workgroup; lane l adds up every LANES-th element from l on, then a tree
// adds up the lanes: always in the same order.

struct Dims { count: u32, scale: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const LANES: u32 = 64; //#param

//#include "lib/over-lanes.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = lane; i < dims.count; i += LANES) { sum += x[i]; }
  sum = sumOverLanes(lane, sum);
  if (lane == 0) { y[0] = dims.scale * sum; }
}
