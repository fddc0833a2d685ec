// Normalisation by the moments of the batch, a residual, ReLU:
//
//   y[p, c] = max((x[p, c] - mean[c]) / sqrt(variance[c] + epsilon) scale[c] + shift[c] + addend[p, c], 0)
//
// x, y: [pixels, channels]; all else: [channels]. One invocation per element (or, as Vector = vec4f, four channels: channels are then counted in
// Vectors).

struct Dims { count: u32, channels: u32, epsilon: f32, relu: u32, most: f32 }

@group(0) @binding(0) var<uniform> dims: Dims;
@group(0) @binding(1) var<storage, read> x: array<Vector>;
@group(0) @binding(2) var<storage, read> scale: array<Vector>;
@group(0) @binding(3) var<storage, read> shift: array<Vector>;
@group(0) @binding(4) var<storage, read> mean: array<Vector>;
@group(0) @binding(5) var<storage, read> variance: array<Vector>;
@group(0) @binding(6) var<storage, read_write> y: array<Vector>;

//#slot addend
fn withAddend(sum: Vector, _i: u32) -> Vector { return sum; }
//#end

alias Vector = f32; //#param
const WORKGROUP: u32 = 64; //#param

//#include "lib/rectified.wgsl"

@compute @workgroup_size(WORKGROUP)
fn main(@builtin(global_invocation_id) invocation: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let i = invocation.y * groups.x * WORKGROUP + invocation.x;
  if (i >= dims.count) { return; }
  let c = i % dims.channels;
  y[i] = rectified(withAddend((x[i] - mean[c]) / sqrt(variance[c] + dims.epsilon) * scale[c] + shift[c], i));
}
