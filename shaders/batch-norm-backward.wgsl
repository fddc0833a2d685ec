// Gradient of batch normalisation with respect to its input. With n = (x - mean) / sqrt(variance + epsilon):
//
//   dx[p, c] = scale[c] / sqrt(variance[c] + epsilon) (dy[p, c] - dshift[c] / pixels - n[p, c] dscale[c] / pixels)
//
// x, dy, dx: [pixels, channels]; all else: [channels]. One invocation per element (or, as Vector = vec4f, four channels: channels are then counted
// in Vectors).

struct Dims { count: u32, channels: u32, epsilon: f32, perPixel: f32 } // perPixel: 1 over the number of pixels

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> dy: array<Vector>;
@group(0) @binding(3) var<storage, read> scale: array<Vector>;
@group(0) @binding(4) var<storage, read> mean: array<Vector>;
@group(0) @binding(5) var<storage, read> variance: array<Vector>;
@group(0) @binding(6) var<storage, read> dscale: array<Vector>;
@group(0) @binding(7) var<storage, read> dshift: array<Vector>;
@group(0) @binding(8) var<storage, read_write> dx: array<Vector>;

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  let deviation = sqrt(variance[c] + dims.epsilon);
  let normal = (x[i] - mean[c]) / deviation;
  dx[i] = scale[c] / deviation * (dy[i] - dshift[c] * dims.perPixel - normal * (dscale[c] * dims.perPixel));
}
