// Inverted dropout, forwards on x and backwards on dy: the mask is drawn again instead of stored.
//
//   y[i] = x[i] * scale where (word i mod 4 of philox(seed; step, floor(i / 4), stream, 0)) >> 8 >= threshold, else 0
//
// scale, threshold and stream are the Dims of that name: scale = 1 / (1 - ratio), threshold = ratio * 2^24 rounded up. Any shape, as blocks of four elements; `first` is the block that the window
// begins with. random: (seed low, seed high, step, 0). One invocation per block.

struct Dims { count: u32, first: u32, dropThreshold: u32, dropScale: f32, dropStream: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read> random: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<vec4f>;

const WORKGROUP: u32 = 64; //#param

//#include "lib/dropout-mask.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  y[i] = select(vec4f(0), x[i] * dims.dropScale, kept(dims.first + i, dims.dropStream, dims.dropThreshold));
}
