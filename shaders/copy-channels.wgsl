// Copies some channels of every pixel to some channels of another tensor: concat is one such copy an input, slice is one.
//
//   y[p, yFirst + c] = x[p, xFirst + c]  for c from 0 to channels - 1
//
// x: [pixels, xChannels]; y: [pixels, yChannels]. One invocation per element (or, as Vector = vec4f, four: all channels are then counted in
// Vectors).

struct Dims { count: u32, channels: u32, xFirst: u32, xChannels: u32, yFirst: u32, yChannels: u32 }

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
  let at = split(i, dims.channels);
  y[at.whole * dims.yChannels + dims.yFirst + at.rest] = x[at.whole * dims.xChannels + dims.xFirst + at.rest];
}
