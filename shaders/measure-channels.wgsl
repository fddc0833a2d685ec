// The largest value of each channel over images and pixels.
// x: [rows, channels]; largest: [channels] from dims.first on. One workgroup per channel.

struct Dims { rows: u32, channels: u32, first: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> largest: array<f32>;

const LANES: u32 = 64; //#param

//#include "lib/over-lanes.wgsl"

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  var most = -3.4e38;
  for (var row = lane; row < dims.rows; row += LANES) { most = max(most, x[row * dims.channels + group.x]); }
  most = maximumOverLanes(lane, most);
  if (lane == 0) { largest[dims.first + group.x] = most; }
}
