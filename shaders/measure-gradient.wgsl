// Sums of squares of a parameter's gradient, as the last update had it: v' = m v + rate (dw + decay w), hence dw = (v' - m v) / rate - decay w.
// before, w: momentum and parameter before the step; after: momentum after it; squares: [GROUPS] from dims.first on, partial sums. One workgroup each.

struct Dims { elements: u32, first: u32, momentum: f32, rate: f32, decay: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> before: array<f32>;
@group(0) @binding(2) var<storage, read> w: array<f32>;
@group(0) @binding(3) var<storage, read> after: array<f32>;
@group(0) @binding(4) var<storage, read_write> squares: array<f32>;

const LANES: u32 = 64; //#param
const GROUPS: u32 = 64; //#param

//#include "lib/over-lanes.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var sum = 0.0;
  for (var i = group.x * LANES + lane; i < dims.elements; i += GROUPS * LANES) {
    let gradient = (after[i] - dims.momentum * before[i]) / dims.rate - dims.decay * w[i];
    sum += gradient * gradient;
  }
  sum = sumOverLanes(lane, sum);
  if (lane == 0) { squares[dims.first + group.x] = sum; }
}
