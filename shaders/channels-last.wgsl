// From Caffe's axis order to the engine's: y[n, p, c] = x[n, c, p], and 0 for channels that x does not have.
//
// x: [images, filled, pixels]; y: [images, pixels, channels]. One invocation per output.

struct Dims { count: u32, pixels: u32, filled: u32, channels: u32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let pixel = i / dims.channels % dims.pixels;
  let n = i / (dims.channels * dims.pixels);
  var value = 0.0;
  if (c < dims.filled) { value = x[(n * dims.filled + c) * dims.pixels + pixel]; }
  y[i] = value;
}
