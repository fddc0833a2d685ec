// Local response normalisation across channels (Krizhevsky et al. 2012, section 3.3, in Caffe's form).
//
//   scale[p, c] = k + alpha / size * sum of x[p, i]^2 over the `size` channels i around c
//   y[p, c]     = x[p, c] * scale[p, c]^-beta
//
// x, y: [pixels, channels]. One invocation per output: the textbook kernel, and the definition that the fast one must equal.

struct Dims { count: u32, channels: u32, size: u32, k: f32, alpha: f32, beta: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

const WORKGROUP: u32 = 64; //#param

//#include "lib/lrn-scale.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let channel = i % dims.channels;
  y[i] = x[i] * pow(scaleAt(i - channel, channel), -dims.beta);
}
