// From the engine's axis order to Caffe's: y[n, c, p] = x[n, p, c] for the first channels of x.
//
// x: [images, pixels, stored]; y: [images, channels, pixels]. One invocation per output.

struct Dims { count: u32, pixels: u32, stored: u32, channels: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let pixel = i % dims.pixels;
  let c = i / dims.pixels % dims.channels;
  let n = i / (dims.pixels * dims.channels);
  y[i] = x[(n * dims.pixels + pixel) * dims.stored + c];
}
